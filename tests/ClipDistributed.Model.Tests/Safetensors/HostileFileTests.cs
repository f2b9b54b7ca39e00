using System.Buffers.Binary;
using System.Text;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Model.Safetensors;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Tests.Safetensors;

/// <summary>A header is untrusted: with any content the result is tensors or one clear refusal.</summary>
public sealed class HostileFileTests : IDisposable
{
    private const string Huge = "4611686018427387904"; // 2^62

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("not JSON", "{]")]
    [InlineData("no JSON at all", "")]
    [InlineData("an array", "[]")]
    [InlineData("a tensor that is a number", """{"a":1}""")]
    [InlineData("no dtype", """{"a":{"shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("no shape", """{"a":{"dtype":"F32","data_offsets":[0,8]}}""")]
    [InlineData("no offsets", """{"a":{"dtype":"F32","shape":[2]}}""")]
    [InlineData("dtype null", """{"a":{"dtype":null,"shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("unknown dtype", """{"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}""")]
    [InlineData("shape that is a number", """{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}""")]
    [InlineData("negative side", """{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""")]
    [InlineData("two negative sides", """{"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}""")]
    [InlineData("fractional side", """{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""")]
    [InlineData("side beyond 64 bits", """{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}""")]
    [InlineData("too few bytes for the shape", """{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""")]
    [InlineData("too many bytes for the dtype", """{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("negative begin", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""")]
    [InlineData("end before begin", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""")]
    [InlineData("end beyond the file", """{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""")]
    [InlineData("offset as text", """{"a":{"dtype":"F32","shape":[2],"data_offsets":["0","8"]}}""")]
    [InlineData("one offset", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[8]}}""")]
    [InlineData("three offsets", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4,8]}}""")]
    [InlineData(
        "overlap",
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"""
    )]
    [InlineData("gap before", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""")]
    [InlineData(
        "gap between",
        """{"a":{"dtype":"I8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"""
    )]
    [InlineData("bytes after the last tensor", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData(
        "the same name twice",
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"""
    )]
    [InlineData(
        "the same metadata key twice",
        """{"__metadata__":{"k":"1","k":"2"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"""
    )]
    [InlineData("metadata that is a number", """{"__metadata__":{"k":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("half of a surrogate pair", """{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    public void Open_HeaderThatLies_IsRefused(string lie, string header)
    {
        string path = WriteFile(header, dataBytes: 8);
        Assert.True(Refuses(path), lie);
    }

    [Theory]
    [InlineData($"[{Huge},{Huge}]")] // 2^124 is 0 modulo 2^64
    [InlineData($"[0,{Huge},{Huge}]")]
    [InlineData($"[{Huge},{Huge},0]")]
    [InlineData($"[{Huge}]")] // overflows only when multiplied by the element's size
    public void Open_ShapeWhoseProductOverflows_IsRefused(string shape)
    {
        string path = WriteFile("""{"a":{"dtype":"F32","shape":S,"data_offsets":[0,0]}}""".Replace("S", shape), dataBytes: 0);
        Assert.True(Refuses(path));
    }

    [Fact]
    public void Open_NameThatIsNotUtf8_IsRefused()
    {
        byte[] header = Encoding.UTF8.GetBytes("""{"?":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""");
        header[Array.IndexOf(header, (byte)'?')] = 0xFF;
        Assert.True(Refuses(WriteFile(header, dataBytes: 8)));
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    [InlineData(100_000_001UL)]
    [InlineData(99_999_999UL)]
    [InlineData(25UL)] // one byte more than there are
    public void Open_HeaderLengthBeyondTheFile_IsRefusedWithoutAllocatingIt(ulong length)
    {
        byte[] file = new byte[8 + 24];
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        File.WriteAllBytes(folder.File("length.safetensors"), file);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(Refuses(folder.File("length.safetensors")));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void Open_FileCutAnywhere_IsRefused()
    {
        byte[] whole = File.ReadAllBytes(WriteValidFile());
        string path = folder.File("cut.safetensors");
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.True(Refuses(path), $"{length} of {whole.Length} bytes");
        }
    }

    [Theory]
    [InlineData("none.safetensors")] // missing
    [InlineData("none/none.safetensors")] // its folder too
    [InlineData("")] // a folder
    public void Open_NoSuchFile_IsRefused(string name) => Assert.True(Refuses(folder.File(name)));

    [Fact]
    public void Open_AnyBytesFlipped_GivesTensorsOfTheFilesBytesOrARefusal()
    {
        byte[] valid = File.ReadAllBytes(WriteValidFile());
        string path = folder.File("flipped.safetensors");
        Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Byte[1, 255]).Array[1, 4].Sample(flips =>
        {
            byte[] bytes = [.. valid];
            foreach (var (at, bits) in flips)
                bytes[at] ^= bits;
            File.WriteAllBytes(path, bytes);

            long before = GC.GetAllocatedBytesForCurrentThread();
            if (!Refuses(path))
                AssertLoadsItsRanges(path, bytes);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        }, iter: 1500, threads: 1);
    }

    private static void AssertLoadsItsRanges(string path, byte[] bytes)
    {
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(path);
        int dataStart = 8 + (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        foreach (var entry in file.Entries.Values)
            Assert.Equal(bytes[(dataStart + (int)entry.Begin)..(dataStart + (int)entry.End)], file.Load(entry.Name).bytes.ToArray());
    }

    /// <summary>True: refused, with a message that names the file. Any other exception passes through and fails the test.</summary>
    private static bool Refuses(string path)
    {
        try
        {
            SafetensorsFile.Open(path).Dispose();
            return false;
        }
        catch (BadInputException refused)
        {
            Assert.Contains(path, Assert.Single(refused.Errors));
            return true;
        }
    }

    private string WriteValidFile()
    {
        using var scope = NewDisposeScope();
        string path = folder.File("valid.safetensors");
        SafetensorsFile.Write(
            path,
            [
                ("weight", ones(2, 3)),
                ("scalar", tensor(1.5)),
                ("empty", empty([0, 2], ScalarType.Int16)),
                ("half", ones([3], ScalarType.Float16)),
                ("flag", ones([2], ScalarType.Bool)),
            ]
        );
        return path;
    }

    private string WriteFile(string header, int dataBytes) => WriteFile(Encoding.UTF8.GetBytes(header), dataBytes);

    private string WriteFile(byte[] header, int dataBytes)
    {
        string path = folder.File("hostile.safetensors");
        byte[] length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        File.WriteAllBytes(path, [.. length, .. header, .. new byte[dataBytes]]);
        return path;
    }
}
