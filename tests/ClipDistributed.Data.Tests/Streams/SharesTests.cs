using ClipDistributed.Data.Streams;
using CsCheck;

namespace ClipDistributed.Data.Tests.Streams;

public sealed class SharesTests
{
    [Fact]
    public void Even_Remainder_GoesToTheLowestRanks() => Assert.Equal([4, 3, 3], Shares.Even(10, 3).Rows);

    [Fact]
    public void Even_Units_AreNotCut() => Assert.Equal([10, 10, 5], Shares.Even(25, 3, unit: 5).Rows);

    [Fact]
    public void Of_AnyWorld_LieEndToEnd() => Gen.Select(Gen.Int[1, 100], Gen.Int[1, 20]).Sample((batch, world) =>
    {
        var shares = Shares.Even(batch, world);
        int end = 0;
        for (int rank = 0; rank < world; rank++)
        {
            var slots = shares.Of(rank);
            Assert.Equal(end, slots.Start);
            end = slots.End;
        }
        Assert.Equal(batch, end);
        Assert.True(shares.Rows.Max() - shares.Rows.Min() <= 1);
    });
}
