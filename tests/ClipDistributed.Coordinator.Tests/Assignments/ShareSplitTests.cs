using ClipDistributed.Coordinator.Assignments;
using CsCheck;

namespace ClipDistributed.Coordinator.Tests.Assignments;

public class ShareSplitTests
{
    [Fact]
    public void Equal_Remainder_GoesToTheLowestRanks() => Assert.Equal([4u, 3, 3], ShareSplit.Equal(10, 3));

    [Fact]
    public void Slots_AnyWorld_LieEndToEnd() => Gen.Select(Gen.Int[1, 100], Gen.Int[1, 20]).Sample((batch, world) =>
    {
        var shares = ShareSplit.Equal(batch, world);
        int end = 0;
        for (int rank = 0; rank < world; rank++)
        {
            var slots = ShareSplit.Slots(shares, rank);
            Assert.Equal(end, slots.Start);
            end = slots.End;
        }
        Assert.Equal(batch, end);
        Assert.True(shares.Max() - shares.Min() <= 1);
    });
}
