using System.Text;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Tars;
using ClipDistributed.Data.Verification;

namespace ClipDistributed.Data.Tests.Tars;

/// <summary>Tars that are cut short, damaged, or made to do harm.</summary>
public sealed class BrokenTarTests : IDisposable
{
    private static readonly byte[] TwoSamples = TarBytes.OfTexts("a.jpg=1", "a.txt=A", "b.jpg=2", "b.txt=B");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Build_CutAnywhere_GivesTheWholeSamplesAndSaysWhatIsLost()
    {
        for (int length = 1; length < TwoSamples.Length; length += 129)
        {
            Write(TwoSamples[..length]);
            if (length <= 1536) // the caption's one byte lies there
            {
                Assert.Contains("it ends at byte", Refusal(), StringComparison.Ordinal);
                continue;
            }
            var notices = new List<string>();
            var shard = Build(notices.Add);
            int whole = length <= 3584 ? 1 : 2;
            Assert.Equal(whole, shard.Rows);
            bool isWhole = length >= 4096 + 512; // with the block of zeros that ends it
            Assert.Equal(isWhole, shard.Loss is null);
            Assert.Equal(isWhole ? 0 : 1, notices.Count(line => line.Contains(folder.File("a.tar"), StringComparison.Ordinal)));
            Assert.Equal(whole, BlockReading.ReadOnce(shard, 0).Captions.Count(caption => caption is not null));
        }
    }

    [Fact]
    public void Build_CutInsideAPartThatIsNotUsed_LosesItsSample()
    {
        byte[] tar = TarBytes.OfTexts("a.jpg=1", "a.txt=A", "b.jpg=2", "b.txt=B", $"b.json={new string(' ', 600)}");
        Write(tar[..(4096 + 512 + 300)]);
        var shard = Build();
        Assert.Equal(1, shard.Rows);
        Assert.Contains("'b.json'", shard.Loss, StringComparison.Ordinal);
        Assert.Equal(["A"], BlockReading.ReadOnce(shard, 0).Captions);
    }

    [Fact]
    public void Build_HeaderDamaged_GivesWhatLiesBefore()
    {
        byte[] tar = [.. TwoSamples];
        tar[2048] ^= 1;
        Write(tar);
        var shard = Build();
        Assert.Equal(1, shard.Rows);
        Assert.Contains("at byte 2,048", shard.Loss, StringComparison.Ordinal);
        Assert.Equal(["A"], BlockReading.ReadOnce(shard, 0).Captions);
    }

    [Fact]
    public void Verify_CutTar_IsDamagedAndItsSamplesAreRead()
    {
        Write(TwoSamples[..3000]);
        VerifiedRows[] verified =
        [
            .. new DatasetVerification(new SourceSpec(), 1000).Run([ImageSource.Find(folder.Path, "PATH")], workers: 1),
        ];
        Assert.Contains(verified, part => part.Rows == 0 && !part.IsEmpty && part.Damaged.Count == 1);
        Assert.Equal(1, verified.Sum(part => part.Rows));
    }

    public static TheoryData<string, byte[]> Hostile => new()
    {
        { "10 GB", TarBytes.Header("b.jpg", 10L << 30) },
        { "all bits", TarBytes.Header("b.jpg", [0xFF, .. Enumerable.Repeat((byte)0xFF, 11)]) },
        { "2^63 - 1", TarBytes.Header("b.jpg", TarBytes.Binary(long.MaxValue)) },
        { "2^60", TarBytes.Header("b.jpg", TarBytes.Binary(1L << 60)) },
        { "is not a number", TarBytes.Header("b.jpg", "9999999999x"u8.ToArray()) },
        { "a name without end", TarBytes.Header("././@LongLink", 10L << 30, 'L') },
        { "a name longer than the file", TarBytes.Header("././@LongLink", 60_000, 'L') },
        { "an extension of no records", [.. TarBytes.Header("x", 600, 'x'), .. new byte[1024].Select(_ => (byte)'7')] },
        { "an extension with a size", [.. TarBytes.Header("x", 28, 'x'), .. TarBytes.Padded("28 size=9223372036854775807\n"u8.ToArray())] },
        { "sparse", TarBytes.Header("b.jpg", 1, 'S') },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Build_HostileMember_EndsTheTarThere(string what, byte[] member)
    {
        Write([.. TarBytes.OfTexts("a.jpg=1", "a.txt=A", "b.txt=B")[..3072], .. member]);
        var shard = Build();
        Assert.True(shard is { Rows: 1, Loss: not null }, what);
        Assert.Equal(["A"], BlockReading.ReadOnce(shard, 0).Captions);
    }

    [Fact]
    public void Build_LinksAndFolders_ArePassedOver()
    {
        Write([
            .. TarBytes.Header("d/", 0, '5'), .. TarBytes.Header("a.jpg", 512, '2'), .. TarBytes.Header("a.png", 0, '1'),
            .. TarBytes.Header("a.webp", 0, '3'), .. TarBytes.OfTexts("a.jpg=1", "a.txt=A"),
        ]);
        var shard = Build();
        Assert.Equal("jpg", shard.ImageColumn);
        Assert.Equal("1"u8.ToArray(), BlockReading.ReadOnce(shard, 0).Images[0]);
    }

    [Fact]
    public void Read_MillionMembers_AreRefusedWithinMemory()
    {
        using var many = new RepeatedHeader(TarBytes.Header("k.bin", 0), 1_100_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var refused = Assert.Throws<InvalidDataException>(() => TarSamples.Read(many, 0, many.Length));
        Assert.Contains("1,000,000 members", refused.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1L << 30);
    }

    [Fact]
    public void Build_NamesWithPointsBeforeTheEnding_AreExplained()
    {
        Write(TarBytes.Of([.. Enumerable.Range(0, 300).Select(i => ($"image.v1.{i}.jpg", new byte[] { 1 }))]));
        Assert.Contains("first point of its file name", Refusal(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0x1F, 0x8B, 8, 0, 0, 0 }, "compressed")]
    [InlineData(new byte[] { 1, 2, 3 }, "inside a header")]
    public void Build_NoTar_IsRefused(byte[] bytes, string why)
    {
        Write(bytes);
        Assert.Contains(why, Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Build_NoImages_NamesTheEndings()
    {
        Write(TarBytes.OfTexts("a.mp3=1", "a.txt=A"));
        Assert.Contains(".mp3, .txt", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Build_NoEndingInItsName_IsKnownByItsFirstBytes()
    {
        File.WriteAllBytes(folder.File("data"), TwoSamples);
        Assert.Equal(2, ManifestBuilder.Build([new SourceSpec { Path = folder.File("data") }]).Rows);
    }

    [Fact]
    public void Build_EmptyTar_ContributesNothing()
    {
        Write(TwoSamples);
        File.WriteAllBytes(folder.File("b.tar"), new byte[1024]);
        var notices = new List<string>();
        Assert.Equal(2, ManifestBuilder.Build([new SourceSpec { Path = folder.Path }], notice: notices.Add).Rows);
        Assert.Contains("b.tar has no rows", Assert.Single(notices), StringComparison.Ordinal);
    }

    [Fact]
    public void Build_AnyByteOfAHeaderOverwritten_NeverEndsOtherwiseThanInDamage()
    {
        for (int at = 0; at < 512; at++)
        {
            byte[] tar = [.. TwoSamples];
            tar[1024 + at] ^= 0x55;
            Write(tar);
            try
            {
                var shard = Build();
                BlockReading.ReadOnce(shard, 0);
            }
            catch (BadInputException refused)
            {
                Assert.All(refused.Errors, error => Assert.Contains(folder.File("a.tar"), error, StringComparison.Ordinal));
            }
        }
    }

    private void Write(byte[] tar) => File.WriteAllBytes(folder.File("a.tar"), tar);

    private ShardEntry Build(Action<string>? notice = null) =>
        Assert.Single(ManifestBuilder.Build([new SourceSpec { Path = folder.File("a.tar") }], notice: notice).Shards);

    private string Refusal() => Assert.Single(Assert.Throws<BadInputException>(() => Build()).Errors);

    /// <summary>One member, again and again.</summary>
    private sealed class RepeatedHeader(byte[] header, int times) : IByteSource
    {
        public string Path => "many.tar";

        public long Length => (long)header.Length * times;

        public string Version => "";

        public void Read(long position, Span<byte> buffer)
        {
            for (int i = 0; i < buffer.Length; i++)
                buffer[i] = header[(position + i) % header.Length];
        }

        public void Dispose()
        {
        }
    }
}
