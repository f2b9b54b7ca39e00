using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using ClipDistributed.Data.Streams;
using CsCheck;

namespace ClipDistributed.Data.Tests.Streams;

public class StepDigestTests
{
    [Theory]
    [InlineData("", "", 0x00000000u)]
    [InlineData("123456789", "", 0xE3069283u)]
    [InlineData("", "123456789", 0xE3069283u)]
    [InlineData("12345", "6789", 0xE3069283u)]
    [InlineData("The quick brown fox jumps", " over the lazy dog", 0x22620404u)]
    public void Checksum_KnownTexts_IsCrc32C(string image, string caption, uint crc) =>
        Assert.Equal(crc, StepDigest.Checksum(Encoding.ASCII.GetBytes(image), caption));

    [Fact]
    public void Checksum_CaptionOutsideAscii_CoversItsUtf8Bytes() =>
        Assert.Equal(StepDigest.Checksum([1, 0xC3, 0xA4], ""), StepDigest.Checksum([1], "ä"));

    [Fact]
    public void Of_OneSample_IsTheSumOfItsHashes() => Sample.Sample(sample =>
    {
        var digest = StepDigest.Of(sample.Slot, sample.Planned, sample.Used, sample.Crc);
        byte[] Fields(SampleId id) => [.. Little(sample.Slot, 4), .. Little(id.Shard, 4), .. Little(id.Row, 8)];
        Assert.Equal(Naive(Fields(sample.Planned)), (BigInteger)digest.Plan);
        Assert.Equal(Naive([.. Fields(sample.Used), .. Little(sample.Crc, 4)]), (BigInteger)digest.Content);
    });

    [Fact]
    public void Addition_PartsInAnyOrder_GiveTheWhole() =>
        (from samples in Sample.Array[1, 40] from cut in Gen.Int[0, samples.Length] select (samples, cut)).Sample(drawn =>
        {
            var digests = drawn.samples.Select(s => StepDigest.Of(s.Slot, s.Planned, s.Used, s.Crc)).ToArray();
            var whole = digests.Aggregate((a, b) => a + b);
            StepDigest Part(IEnumerable<StepDigest> part) => part.Aggregate(default(StepDigest), (a, b) => a + b);
            Assert.Equal(whole, Part(digests.Skip(drawn.cut).Reverse()) + Part(digests.Take(drawn.cut)));
        });

    [Fact]
    public void OfPlan_PartsOfTheBatch_SumToTheWhole()
    {
        var ids = Enumerable.Range(0, 50).Select(i => new SampleId((uint)i % 3, (ulong)i)).ToArray();
        Assert.Equal(StepDigest.OfPlan(0, ids), unchecked(StepDigest.OfPlan(0, ids.AsSpan(0, 17)) + StepDigest.OfPlan(17, ids.AsSpan(17))));
    }

    [Fact]
    public void ToHex_SmallNumber_Has32Digits() => Assert.Equal("000000000000000000000000000000ff", StepDigest.ToHex(255));

    private static readonly Gen<(int Slot, SampleId Planned, SampleId Used, uint Crc)> Sample =
        from slot in Gen.Int[0, 40000]
        from shards in Gen.UInt.Array[2]
        from rows in Gen.ULong.Array[2]
        from crc in Gen.UInt
        select (slot, new SampleId(shards[0], rows[0]), new SampleId(shards[1], rows[1]), crc);

    private static BigInteger Naive(byte[] fields) => new(SHA256.HashData(fields).AsSpan(0, 16), isUnsigned: true);

    private static byte[] Little(BigInteger value, int count)
    {
        var bytes = new byte[count];
        value.TryWriteBytes(bytes, out _, isUnsigned: true);
        return bytes;
    }
}
