using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.TestKit.Simulation;

namespace ClipDistributed.Coordinator.Tests.Runs;

/// <summary>Hosts that leave, in simulated time.</summary>
public sealed class RunLoopDepartureTests : SimulatedRunTests
{
    [Fact]
    public void HostLost_WithTwoReplicas_OthersGoOnUntilItIsBack()
    {
        Cluster.Submit(min: 1, max: 6, steps: 200);
        Cluster.Until(() => Run.Journal.Row.Step >= 20, TimeSpan.FromMinutes(1));
        Cluster.Workers[0].Leave();
        foreach (var replica in Cluster.Workers[0].Replicas)
            replica.Die(137);
        Cluster.Time.After(TimeSpan.FromSeconds(5), Cluster.Workers[0].Connect);
        UntilEnd();
        Assert.Equal((RunState.Succeeded, 8), (Run.Journal.Row.State, Cluster.Replicas.Count));
        Assert.EndsWith("with 4 replicas.", Run.Reasons[1], StringComparison.Ordinal);
        Assert.EndsWith("with 6 replicas.", Run.Reasons[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(0)]
    public void HostLost_TooFewAreLeft_WaitThenSaveAndStop(int minutes)
    {
        Cluster.Submit(min: 5, max: 6, steps: 2000, minutes);
        Cluster.Until(() => Run.Journal.Row.Step >= 20, TimeSpan.FromMinutes(1));
        Cluster.Workers[0].Leave();
        foreach (var replica in Cluster.Workers[0].Replicas)
            replica.Die(137);
        var lostAt = Cluster.Time.Now;
        if (minutes > 0)
            Cluster.Until(
                () =>
                    Run.Journal.Row
                        is { State: RunState.Waiting, Reason: "needs at least 5 replicas; 4 are ready, no device is free for another" },
                TimeSpan.FromMinutes(1)
            );
        UntilEnd();
        Assert.InRange((Cluster.Time.Now - lostAt).TotalMinutes, minutes, minutes + 0.5);
        Assert.Equal((RunState.Stopped, Run.Done), (Run.Journal.Row.State, Run.Saved));
        Assert.Equal(
            $"stopped after step {Run.Saved}, saved; clipd submit SPEC --resume goes on: needs at least 5 replicas; 4 are ready, no "
                + $"device is free for another; no other replica became ready within {minutes} minutes",
            Run.Journal.Row.Reason
        );
    }

    [Fact]
    public void Drained_TheOnlyHostEndsSoon_WaitsForAnotherThenSavesAndStops()
    {
        foreach (var host in Cluster.Workers.Skip(1))
            host.Leave();
        Cluster.Submit(min: 1, max: 2, steps: 2000, waitMinutes: 5);
        Cluster.Until(() => Run.Journal.Row.Step >= 20, TimeSpan.FromMinutes(1));
        Cluster.Workers[0].Ends(TimeSpan.FromSeconds(40));
        Cluster.Until(() => Run.Journal.Row.State == RunState.Waiting, TimeSpan.FromMinutes(1));
        var waits = Cluster.Time.Now;
        UntilEnd();
        Assert.InRange((Cluster.Time.Now - waits).TotalSeconds, 17, 30);
        Assert.Equal((RunState.Stopped, Run.Done), (Run.Journal.Row.State, Run.Saved));
        Assert.Empty(Run.Recomputed);
        Assert.Contains("host a ends soon and no other replica holds the state", Run.Journal.Row.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Drained_TheRunNeedsTheHost_GoesOnUntilOthersSuffice()
    {
        Cluster.Workers[2].Leave();
        Cluster.Submit(min: 4, max: 4, steps: 2000);
        Cluster.Until(() => Run.Journal.Row.Step >= 20, TimeSpan.FromMinutes(1));
        Cluster.Workers[1].Drain();
        Cluster.Until(() => Run.Journal.Row.Step >= 60, TimeSpan.FromMinutes(2));
        Assert.Equal((RunState.Running, 1L), (Run.Journal.Row.State, Run.Journal.Row.Generation));
        Assert.Empty(Run.Recomputed);

        // One that breaks off is begun again with them.
        Cluster.Workers[0].Replicas[0].Die(137);
        long step = Run.Journal.Row.Step;
        Cluster.Until(() => Run.Journal.Row.Generation == 2 && Run.Journal.Row.Step >= step + 20, TimeSpan.FromMinutes(2));
        Cluster.Workers[2].Connect();
        Cluster.Until(() => Cluster.Workers[1].Replicas.All(replica => !replica.IsAlive), TimeSpan.FromMinutes(2));
        UntilEnd();
        Assert.Equal(RunState.Succeeded, Run.Journal.Row.State);
        Assert.Equal(7, Cluster.Replicas.Count);
    }

    [Fact]
    public void Drained_ForAMoment_TheReplacementLeavesAgain()
    {
        Cluster.Submit(min: 2, max: 2, steps: 200);
        Cluster.Until(() => Run.Journal.Row.Step >= 20, TimeSpan.FromMinutes(1));
        Cluster.Workers[0].Drain();
        Cluster.Until(() => Cluster.Replicas.Count > 2, TimeSpan.FromMinutes(1));
        Cluster.Workers[0].Drain(undo: true);
        UntilEnd();
        Assert.Equal((RunState.Succeeded, 1), (Run.Journal.Row.State, Run.Journal.Row.Generation));
        Assert.All(Cluster.Replicas, replica => Assert.False(replica.IsAlive));
    }

    [Fact]
    public void Drained_TheOnlyHost_AnotherJoinsAndTakesTheStateOver()
    {
        foreach (var host in Cluster.Workers.Skip(1))
            host.Leave();
        Cluster.Submit(min: 2, max: 2, steps: 200);
        Cluster.Until(() => Run.Journal.Row.Step >= 20, TimeSpan.FromMinutes(1));
        Cluster.Workers[0].Drain();
        Cluster.Until(() => Run.Journal.Row.Step >= 40, TimeSpan.FromMinutes(1));
        Cluster.Workers[1].Connect();
        Cluster.Until(() => Cluster.Workers[0].Replicas.All(replica => !replica.IsAlive), TimeSpan.FromMinutes(1));
        UntilEnd();
        Assert.Equal(RunState.Succeeded, Run.Journal.Row.State);
        Assert.Empty(Run.Recomputed);
        Assert.Single(Cluster.Replicas, replica => replica.Restores);
    }
}
