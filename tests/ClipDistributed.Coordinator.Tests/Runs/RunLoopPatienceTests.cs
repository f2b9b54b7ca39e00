using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.TestKit.Simulation;

namespace ClipDistributed.Coordinator.Tests.Runs;

/// <summary>What a run waits for and what it gives up, in simulated time.</summary>
public sealed class RunLoopPatienceTests : SimulatedRunTests
{
    [Theory]
    [InlineData(true, "sent no heartbeat for ")]
    [InlineData(false, "hung in phase forward for ")]
    public void Hangs_OneMember_IsKilledAndReplaced(bool silent, string evidence)
    {
        Cluster.Submit(min: 3, max: 3, steps: 100);
        Cluster.Until(() => Run.Journal.Row.Step >= 20, TimeSpan.FromMinutes(1));
        var victim = Cluster.Replicas[1];
        if (silent)
            victim.Freeze();
        else
            victim.Stick();
        UntilEnd();
        Assert.Equal((RunState.Succeeded, 4, false), (Run.Journal.Row.State, Cluster.Replicas.Count, victim.IsAlive));
        Assert.Equal(2, Run.Reasons.Count);
        Assert.StartsWith($"replica {victim.Id} on host ", Run.Reasons[1], StringComparison.Ordinal);
        Assert.Contains(evidence, Run.Reasons[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        true,
        "replicas crash near step ",
        "and none of the rows near it crashes the decoder; the last: replica seed-1-1-r"
    )]
    [InlineData(
        false,
        "replicas crash near step ",
        "and its rows could not be decoded, because the process that decodes them exited with code 2; the last: replica seed-1-1-r"
    )]
    public void Crashes_NearOneStepWithoutAPoisonRow_FailTheRunWithTheEvidence(bool decodes, string reason, string evidence)
    {
        Cluster.Try = trial => decodes ? (0, trial.Rows.Count) : (2, 0);
        Cluster.Submit(min: 1, max: 6, steps: 100);
        CrashAt(20, times: 6);
        UntilEnd();
        Assert.Equal(RunState.Failed, Run.Journal.Row.State);
        Assert.StartsWith(reason, Run.Journal.Row.Reason, StringComparison.Ordinal);
        Assert.Contains(evidence, Run.Journal.Row.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Crashes_NearOneStep_APoisonRowIsFoundAndTheRunGoesOn()
    {
        int trials = 0;
        Cluster.Try = trial => ++trials == 3 ? (139, 2) : (0, trial.Rows.Count); // in the third step that is tried
        Cluster.Submit(min: 1, max: 6, steps: 100);
        CrashAt(20, times: 2);
        UntilEnd();
        Assert.Equal((RunState.Succeeded, 4), (Run.Journal.Row.State, trials));
        Assert.Contains(
            Cluster.Notices(Run.RunId),
            text => text.Contains(": decoding crashes the process (replica seed-1-1-r", StringComparison.Ordinal)
        );
    }

    /// <summary>One replica after the other crashes behind a step, before another is applied.</summary>
    private void CrashAt(long step, int times)
    {
        Cluster.Until(() => Run.Done >= step, TimeSpan.FromMinutes(1));
        for (int crash = 0; crash < times && !Run.Ending.IsCompleted; crash++)
        {
            long generation = Run.Journal.Row.Generation;
            Cluster.Replicas.First(replica => replica is { IsAlive: true, Group: not null }).Die(139);
            Cluster.Until(
                () =>
                    Run.Ending.IsCompleted
                    || Run.Journal.Row.Generation > generation
                        && Cluster.Replicas.Any(replica => replica is { IsAlive: true, Group: not null }),
                TimeSpan.FromMinutes(5)
            );
        }
    }

    /// <summary>The hosts reconnect to a coordinator that has not saved the run's end yet: they keep the replicas that it then
    /// kills.</summary>
    [Fact]
    public void Ends_OneMemberHangsDuringAStoreOutage_IsKilled()
    {
        Cluster.Submit(min: 2, max: 2, steps: 20);
        Cluster.Until(() => Run.Journal.Row.EndState == RunState.Succeeded, TimeSpan.FromMinutes(1));
        var victim = Cluster.Replicas[1];
        victim.Stick();
        Cluster.Coordinators.Crash(TimeSpan.FromSeconds(1));
        Cluster.Coordinators.LoseStore(TimeSpan.FromSeconds(60));
        Cluster.Until(() => Run.HasEnded, TimeSpan.FromMinutes(2));
        Assert.True(victim.IsAlive);
        Cluster.Until(() => !victim.IsAlive, TimeSpan.FromSeconds(1));
    }

    /// <summary>The generation is broken long before they can hear of it: a new coordinator gives them as long as if it had just
    /// been.</summary>
    [Fact]
    public void Restart_HoldersOfTheStateReconnectLate_AreNotEvicted()
    {
        Cluster.Workers[2].Leave();
        Cluster.Submit(min: 1, max: 4, steps: 200);
        Cluster.Until(() => Run.Journal.Row.Step >= 20, TimeSpan.FromMinutes(1));
        Cluster.Coordinators.Crash(TimeSpan.FromSeconds(0.5));
        Cluster
            .Workers[0]
            .Cut(TimeSpan.FromSeconds(0.5) + options.ReconnectGrace + TimeSpan.FromSeconds(0.3), up: true, down: true, peers: true);
        foreach (var replica in Cluster.Workers[1].Replicas)
            replica.Die(137);
        Cluster.Until(() => Run.HasEnded, TimeSpan.FromMinutes(5));
        Assert.Equal((RunState.Succeeded, 6), (Run.Journal.Row.State, Cluster.Replicas.Count));
        Assert.Single(Cluster.Replicas, replica => replica.Restores);
    }

    [Fact]
    public void WithoutProgress_TenGenerations_FailTheRun()
    {
        Cluster.FindsNoMember = _ => true;
        Cluster.Submit(min: 2, max: 2, steps: 20);
        UntilEnd();
        Assert.Equal((RunState.Failed, 10), (Run.Journal.Row.State, Run.Journal.Row.Generation));
        Assert.Equal(
            "10 generations in a row applied no step; the last: the collective group failed though none of its replicas died (closed); "
                + "clipd submit SPEC --resume goes on from the newest checkpoint",
            Run.Journal.Row.Reason
        );
    }

    [Fact]
    public void WithoutProgress_NineGenerations_DoNotCountOnceAStepIsApplied()
    {
        Cluster.FindsNoMember = group => group.Number is < 10 or (> 10 and < 20);
        Cluster.Submit(min: 2, max: 2, steps: 20);
        Cluster.Until(() => Run.Journal.Row.Generation == 10 && Run.Journal.Row.Step >= 5, TimeSpan.FromMinutes(5));
        Cluster.Replicas[0].Die(137);
        UntilEnd();
        Assert.Equal((RunState.Succeeded, 20), (Run.Journal.Row.State, Run.Journal.Row.Generation));
    }
}
