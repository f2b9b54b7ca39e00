using ClipDistributed.Coordinator.Leading;
using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.Tests.Leading;

public class LeaseWatchTests
{
    private readonly LeaseWatch watch = new(TimeSpan.FromSeconds(3));

    [Fact]
    public void IsOver_SignsOfLife_IsNotOver()
    {
        for (int second = 0; second < 20; second++)
            Assert.False(IsOver(second, beat: second / 2));
    }

    [Fact]
    public void IsOver_NoSignForTheLease_IsOver()
    {
        Assert.False(IsOver(100, beat: 7));
        Assert.False(IsOver(101, beat: 7));
        Assert.False(IsOver(102, beat: 7));
        Assert.True(IsOver(103, beat: 7));
        Assert.Equal(TimeSpan.FromSeconds(3), watch.SinceHeartbeat(TimeSpan.FromSeconds(103)));
        Assert.False(IsOver(104, beat: 8)); // it lives after all
        Assert.False(IsOver(105, beat: 8));
    }

    [Fact]
    public void IsOver_AnotherOneLeadsMeanwhile_ItsLeaseBegins()
    {
        Assert.False(IsOver(0, beat: 7));
        Assert.False(IsOver(1, beat: 7));
        Assert.False(IsOver(2, beat: 7, term: 2));
        Assert.False(IsOver(3, beat: 7, term: 2));
        Assert.False(IsOver(4, beat: 7, term: 2));
        Assert.True(IsOver(5, beat: 7, term: 2));
    }

    [Fact]
    public void IsOver_ThisOneCouldNotRead_HasSeenNoSilence()
    {
        Assert.False(IsOver(0, beat: 7));
        Assert.False(IsOver(1, beat: 7));
        Assert.False(IsOver(61, beat: 7)); // it paused, or the store was unavailable to the leader too
        Assert.False(IsOver(62, beat: 7));
        Assert.False(IsOver(63, beat: 7));
        Assert.True(IsOver(64, beat: 7));
    }

    [Fact]
    public void IsOver_GivenBack_IsOverAtOnce() =>
        Assert.True(
            watch.IsOver(
                new CoordinatorRow
                {
                    Term = 3,
                    Heartbeats = 9,
                    Holder = "",
                },
                TimeSpan.Zero
            )
        );

    private bool IsOver(int second, long beat, long term = 1) =>
        watch.IsOver(new CoordinatorRow { Term = term, Heartbeats = beat, Holder = "someone" }, TimeSpan.FromSeconds(second));
}
