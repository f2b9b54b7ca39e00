using ClipDistributed.Coordinator.Hosts;

namespace ClipDistributed.Coordinator.Tests.Hosts;

public class HostFailureHistoryTests
{
    private readonly HostFailureHistory history = new(max: 3);
    private TimeSpan now = TimeSpan.FromHours(1);
    private int causes;

    [Fact]
    public void Blame_FewLosses_RestsTwiceAsLongEachTime()
    {
        Assert.False(Lose());
        Assert.Equal(TimeSpan.Zero, history.ClosedUntil - now);
        Assert.False(Lose());
        Assert.Equal(TimeSpan.FromSeconds(1), history.ClosedUntil - now);
        Assert.False(history.IsQuarantined);
    }

    [Fact]
    public void Blame_OneTooMany_QuarantinesForTwiceAsLongEachTimeUpToAnHour()
    {
        Lose();
        Lose();
        var minutes = new List<double>();
        for (int i = 0; i < 8; i++)
        {
            Assert.True(Lose());
            minutes.Add((history.ClosedUntil - now).TotalMinutes);
            now = history.ClosedUntil;
        }
        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], minutes);
        Assert.Equal("1 loss of replicas within 10 minutes, the last: replica 10 died", history.Evidence);
    }

    [Fact]
    public void Blame_AfterGoodBehaviour_OneStepIsForgottenEachTenMinutes()
    {
        for (int i = 0; i < 5; i++)
            Lose(); // 1, 2 and 4 minutes
        now = history.ClosedUntil + TimeSpan.FromMinutes(10);
        Assert.True(Lose());
        Assert.Equal(4, (history.ClosedUntil - now).TotalMinutes); // rather than 8
        now = history.ClosedUntil + TimeSpan.FromMinutes(30);
        Assert.False(Lose());
        Assert.Equal(TimeSpan.Zero, history.ClosedUntil - now);
    }

    [Fact]
    public void Blame_TwoReplicasOfOneGeneration_AreOneLoss()
    {
        history.Record("demo-1 4", "one died", now);
        history.Record("demo-1 4", "another died", now);
        Assert.Equal(TimeSpan.Zero, history.ClosedUntil - now);
    }

    [Fact]
    public void Blame_LossesFarApart_AreNoSign()
    {
        for (int i = 0; i < 10; i++)
        {
            Assert.False(Lose());
            now += TimeSpan.FromMinutes(6);
        }
    }

    [Fact]
    public void Blame_NeverToQuarantine_NeverRests()
    {
        var patient = new HostFailureHistory(max: 0);
        for (int i = 0; i < 20; i++)
            Assert.False(patient.Record($"{i}", "died", now));
        Assert.True(patient.ClosedUntil <= now);
    }

    private bool Lose() => history.Record($"{++causes}", $"replica {causes} died", now);
}
