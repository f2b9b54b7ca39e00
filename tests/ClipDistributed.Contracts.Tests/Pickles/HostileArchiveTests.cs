using System.IO.Compression;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Tests.Weights;
using ClipDistributed.Contracts.Weights;
using ClipDistributed.TestKit.Pickles;

namespace ClipDistributed.Contracts.Tests.Pickles;

public sealed class HostileArchiveTests : IDisposable
{
    private static readonly StoredValues Two = StoredValues.Floats("a", "0", [1, 2], 2);
    private static readonly byte[] Pickle = new PickleText().StateDict([Two]).Op('.').Bytes;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Read_PackedEntries_AreRefused()
    {
        // 100 MB of zeros in 100 kB: nothing is unpacked, so nothing grows.
        var zeros = Two with { Data = new byte[100_000_000] };
        Assert.Contains("is packed or encrypted in the archive", Refused(TorchFiles.Zip(Pickle, [zeros], CompressionLevel.Optimal)));
    }

    [Theory]
    [InlineData("archive/data/0", 24, 4_000_000_000, "packed or encrypted")] // size and packed size differ
    [InlineData("archive/data/0", 10, 8, "packed or encrypted")]
    [InlineData("archive/data/0", 42, 4_000_000_000, "damaged or cut off")]
    [InlineData("archive/data/0", 42, 1, "is not where the zip directory says")]
    [InlineData("archive/data.pkl", 42, 1, "is not where the zip directory says")]
    public void Read_DirectoryThatLies_IsRefused(string entry, int field, uint value, string expected) =>
        Assert.Contains(expected, Refused(TorchFiles.WithEntryField(TorchFiles.Zip(Pickle, [Two]), entry, field, value)));

    [Fact]
    public void Read_SizesThatReachBeyondTheFile_AreRefused()
    {
        byte[] zip = TorchFiles.WithEntryField(
            TorchFiles.WithEntryField(TorchFiles.Zip(Pickle, [Two]), "archive/data/0", 20, 0x7fffffff),
            "archive/data/0",
            24,
            0x7fffffff
        );
        Assert.Contains("'archive/data/0' claims 2147483647 bytes", Refused(zip));
    }

    [Fact]
    public void Read_FileThatIsCutAnywhere_IsRefused()
    {
        foreach (byte[] whole in new[] { TorchFiles.Zip(Pickle, [Two]), TorchFiles.Legacy(Pickle, [Two]) })
        {
            for (int length = 4; length < whole.Length; length += 3)
                Assert.Throws<BadInputException>(() => Read(whole[..length]));
        }
    }

    [Fact]
    public void Read_ArchiveOfSomethingElse_IsRefused() =>
        Assert.Contains("a zip archive without data.pkl", Refused(Archive(("word/document.xml", []))));

    [Fact]
    public void Read_ArchiveOfManyFiles_IsRefused() =>
        Assert.Contains(
            "more than 200000 files",
            Refused(Archive([.. Enumerable.Range(0, 200_001).Select(i => ($"{i}", Array.Empty<byte>()))])),
            StringComparison.Ordinal
        );

    [Fact]
    public void Read_NameThatIsThereTwice_IsRefused() =>
        Assert.Contains("lists 'archive/data.pkl' twice", Refused(Archive(("archive/data.pkl", Pickle), ("archive/data.pkl", Pickle))));

    [Theory]
    [InlineData("0/../../../etc/passwd")]
    [InlineData("/etc/passwd")]
    public void Read_StorageOutsideOfTheArchive_IsNotThere(string key)
    {
        var outside = Two with { Key = key };
        Assert.Contains(
            $"the archive holds no 'archive/data/{key}'",
            Refused(TorchFiles.Zip(new PickleText().StateDict([outside]).Op('.').Bytes, []))
        );
    }

    [Fact]
    public void Read_ByteOrderThatIsNone_IsRefused()
    {
        Assert.Contains(
            "its byte order is 'middle'",
            Refused(TorchFiles.Zip(Pickle, [Two], CompressionLevel.NoCompression, ("byteorder", "middle"u8.ToArray())))
        );
        Refused(TorchFiles.Zip(Pickle, [Two], CompressionLevel.NoCompression, ("byteorder", new byte[1 << 20])));
    }

    [Fact]
    public void Read_LegacyStorageThatClaimsMore_IsRefused()
    {
        Assert.Contains(
            "claims 1099511627776 values, 8 bytes are left",
            Refused(TorchFiles.Legacy(Pickle, [Two with { Count = 1L << 40 }]))
        );
        Assert.Contains("claims 18446744073709551615 values", Refused(TorchFiles.Legacy(Pickle, [Two with { Count = -1 }])));
        Assert.Contains("lists the storage 'x', which no tensor names", Refused(TorchFiles.Legacy(Pickle, [Two with { Key = "x" }])));
        Assert.Contains("lists the storage '0' twice", Refused(TorchFiles.Legacy(Pickle, [Two, Two])));
        Assert.Contains("storage '0' is missing", Refused(TorchFiles.Legacy(Pickle, [])));
    }

    [Fact]
    public void Read_PickleThatTorchSaveDidNotWrite_IsRefused() =>
        Assert.Contains("a pickle that torch.save did not write", Refused(Pickle));

    [Fact]
    public void Read_PointerOrTar_IsNamed()
    {
        Assert.Contains(
            "is a pointer of Git LFS",
            Assert
                .Throws<BadInputException>(() => Read("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"u8.ToArray()))
                .Message
        );
        byte[] tar = new byte[1024];
        "ustar"u8.CopyTo(tar.AsSpan(257));
        Assert.Contains("is a tar archive", Assert.Throws<BadInputException>(() => Read(tar)).Message);
        Assert.Contains(
            "neither a safetensors file nor one that torch.save wrote",
            Assert.Throws<BadInputException>(() => Read("<html>"u8.ToArray())).Message
        );
        Assert.Contains(
            "neither a safetensors file nor one that torch.save wrote",
            Assert.Throws<BadInputException>(() => Read([])).Message
        );
    }

    /// <summary>Beyond 4 GB zip has other fields; a sparse file has them without the bytes.</summary>
    [Fact]
    public void Read_StorageBeyondFourGigabytes_IsFound()
    {
        string path = folder.File("large.pt");
        const long gap = 5L << 30;
        byte[] zip = TorchFiles.Zip(Pickle, [Two]);
        int directory = BitConverter.ToInt32(zip, zip.Length - 6);
        using (var file = File.Create(path))
        {
            // All files at the end; what lies before them is nothing.
            file.Write("PK\u0003\u0004"u8);
            file.Position = gap;
            file.Write(zip, 0, directory);
            long start = file.Position;
            for (int at = directory; BitConverter.ToUInt32(zip, at) == 0x02014b50;)
            {
                int name = BitConverter.ToUInt16(zip, at + 28), extra = BitConverter.ToUInt16(zip, at + 30);
                byte[] entry = zip[at..(at + 46 + name)];
                BitConverter.GetBytes((ushort)12).CopyTo(entry, 30);
                byte[] place = BitConverter.GetBytes(gap + BitConverter.ToUInt32(entry, 42));
                BitConverter.GetBytes(uint.MaxValue).CopyTo(entry, 42);
                file.Write([.. entry, 1, 0, 8, 0, .. place]);
                at += 46 + name + extra;
            }
            long end = file.Position;
            file.Write([
                .. "PK\u0006\u0006"u8,
                .. BitConverter.GetBytes(44L),
                .. new byte[28],
                .. BitConverter.GetBytes(end - start),
                .. BitConverter.GetBytes(start),
            ]);
            file.Write([.. "PK\u0006\u0007"u8, .. new byte[4], .. BitConverter.GetBytes(end), 1, 0, 0, 0]);
            file.Write([.. "PK\u0005\u0006"u8, .. new byte[4], 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0]);
        }
        var entryOfA = WeightFiles.Single(path).ReadEntries()["a"];
        using var read = File.OpenRead(path);
        read.Position = entryOfA.Start;
        byte[] values = new byte[8];
        read.ReadExactly(values);
        Assert.Equal(Two.Data, values);
    }

    private IReadOnlyDictionary<string, WeightEntry> Read(byte[] file)
    {
        string path = folder.File("weights.pt");
        File.WriteAllBytes(path, file);
        return WeightFiles.Single(path).ReadEntries();
    }

    private string Refused(byte[] file) => Assert.Single(Assert.Throws<BadInputException>(() => Read(file)).Errors);

    private static byte[] Archive(params (string Name, byte[] Data)[] files)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, data) in files)
            {
                using var entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(data);
            }
        }
        return stream.ToArray();
    }
}
