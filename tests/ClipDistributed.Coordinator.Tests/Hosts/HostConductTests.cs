using ClipDistributed.Coordinator.Hosts;

namespace ClipDistributed.Coordinator.Tests.Hosts;

public class HostConductTests
{
    private readonly HostConduct conduct = new(most: 3);
    private TimeSpan now = TimeSpan.FromHours(1);
    private int causes;

    [Fact]
    public void Blame_FewLosses_RestsTwiceAsLongEachTime()
    {
        Assert.False(Lose());
        Assert.Equal(TimeSpan.Zero, conduct.ClosedUntil - now);
        Assert.False(Lose());
        Assert.Equal(TimeSpan.FromSeconds(1), conduct.ClosedUntil - now);
        Assert.False(conduct.IsQuarantined);
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
            minutes.Add((conduct.ClosedUntil - now).TotalMinutes);
            now = conduct.ClosedUntil;
        }
        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], minutes);
        Assert.Equal("1 loss of replicas within 10 minutes, the last: replica 10 died", conduct.Evidence);
    }

    [Fact]
    public void Blame_AfterGoodBehaviour_OneStepIsForgottenEachTenMinutes()
    {
        for (int i = 0; i < 5; i++)
            Lose(); // 1, 2 and 4 minutes
        now = conduct.ClosedUntil + TimeSpan.FromMinutes(10);
        Assert.True(Lose());
        Assert.Equal(4, (conduct.ClosedUntil - now).TotalMinutes); // rather than 8
        now = conduct.ClosedUntil + TimeSpan.FromMinutes(30);
        Assert.False(Lose());
        Assert.Equal(TimeSpan.Zero, conduct.ClosedUntil - now);
    }

    [Fact]
    public void Blame_TwoReplicasOfOneGeneration_AreOneLoss()
    {
        conduct.Blame("demo-1 4", "one died", now);
        conduct.Blame("demo-1 4", "another died", now);
        Assert.Equal(TimeSpan.Zero, conduct.ClosedUntil - now);
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
        var patient = new HostConduct(most: 0);
        for (int i = 0; i < 20; i++)
            Assert.False(patient.Blame($"{i}", "died", now));
        Assert.True(patient.ClosedUntil <= now);
    }

    private bool Lose() => conduct.Blame($"{++causes}", $"replica {causes} died", now);
}
