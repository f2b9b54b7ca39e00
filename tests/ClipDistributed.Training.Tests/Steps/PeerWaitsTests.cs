using ClipDistributed.Training.Steps;

namespace ClipDistributed.Training.Tests.Steps;

public sealed class PeerWaitsTests
{
    [Fact]
    public void Add_SeveralSteps_CountsForTheLastOneToBeReadyWhatOthersWaitedLonger()
    {
        var waits = new PeerWaits();
        waits.Add([3, 1, 2], rank: 0); // for rank 1
        waits.Add([2, 2, 0.5], rank: 0); // for rank 2
        waits.Add([2.5, 2, 0.5], rank: 0);
        waits.Add([0, 4, 4], rank: 0); // the others waited for it
        Assert.Equal([(2, 3.5), (1, 2.0)], waits.Longest(8).Select(wait => (wait.Rank, wait.Seconds)));
        Assert.Equal(2, Assert.Single(waits.Longest(1)).Rank);
    }
}
