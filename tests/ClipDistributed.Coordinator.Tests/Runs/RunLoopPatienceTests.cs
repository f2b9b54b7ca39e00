using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.TestKit.Simulation;

namespace ClipDistributed.Coordinator.Tests.Runs;

/// <summary>What a run waits for and what it gives up, in simulated time.</summary>
public sealed class RunLoopPatienceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CoordinatorOptions options;
    private SimulatedCluster? made;

    public RunLoopPatienceTests()
    {
        options = SimulatedCluster.Options(folder.Path);
    }

    /// <summary>Made by the test itself, on whose thread all happens.</summary>
    private SimulatedCluster Cluster
    {
        get
        {
            if (made is not null)
                return made;
            made = new SimulatedCluster(options, seed: 1)
            {
                Tracer = TestContext.Current.TestOutputHelper is { } output ? output.WriteLine : null,
            };
            foreach (var host in made.Workers)
            {
                host.Connect();
                made.Until(() => made.Coordinator!.Hosts.Connected.Any(known => known.Offer.Host == host.Name), TimeSpan.FromSeconds(1));
            }
            return made;
        }
    }

    private SimulatedRun Run => Cluster.Runs[0];

    public void Dispose()
    {
        made?.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void StartupFailure_Three_FailTheRunWithTheLastEvidence()
    {
        Cluster.DiesLoading = _ => true;
        Cluster.Submit(min: 1, max: 1, steps: 20);
        UntilEnd();
        Assert.Equal((RunState.Failed, 3), (Run.Journal.Row.State, Cluster.Replicas.Count));
        Assert.Equal(
            "3 replicas in a row ended before they were ready; the last: replica seed-1-1-r3 on host b exited with code 127 "
                + "before it was ready; clipd submit --resume goes on from the newest checkpoint",
            Run.Journal.Row.Reason
        );
    }

    [Fact]
    public void StartupFailure_WithTheirHosts_DoNotCount()
    {
        Cluster.Submit(min: 4, max: 4, steps: 20);
        Cluster.Until(() => Cluster.Replicas.Count == 4, TimeSpan.FromMinutes(1));
        foreach (var host in Cluster.Workers.Take(2))
        {
            host.Leave();
            host.Replicas.ForEach(replica => replica.Die(137));
            Cluster.Time.After(TimeSpan.FromSeconds(2), host.Connect);
        }
        Assert.DoesNotContain(Cluster.Replicas, replica => replica.WasAdmitted);
        UntilEnd();
        Assert.Equal((RunState.Succeeded, 8), (Run.Journal.Row.State, Cluster.Replicas.Count));
    }

    [Fact]
    public void StartupFailure_TheOneThatRestores_CountsOnce()
    {
        Cluster.DiesLoading = replica => replica == Cluster.Replicas.First(other => other.Restores);
        Cluster.Submit(min: 3, max: 3, steps: 20);
        UntilEnd();
        Assert.Equal((RunState.Succeeded, 2), (Run.Journal.Row.State, Cluster.Replicas.Count(replica => replica.Restores)));
    }

    [Fact]
    public void StartupFailure_EveryNewReplicaOfAHost_QuarantinesItForLongerEachTime()
    {
        foreach (var host in Cluster.Workers.Skip(1))
            host.Leave();
        Cluster.DiesLoading = _ => Run.Journal.Row.Generation > 0;
        Cluster.Submit(min: 1, max: 2, steps: 12_000);
        Cluster.Until(() => Run.Journal.Row.Step >= 20, TimeSpan.FromMinutes(1));
        Cluster.Replicas[1].Die(137);
        UntilEnd();
        var pauses = Cluster
            .Replicas.Skip(2)
            .Zip(Cluster.Replicas.Skip(3), (one, next) => (next.StartedAt - one.StartedAt).TotalSeconds)
            .ToList();
        Assert.True(pauses.Count >= 7, $"{pauses.Count} pauses");
        // A rest of 1, 2 and 4 s, then a minute and twice as long each time; a process takes up to 2 s to end.
        Assert.All(pauses.Zip([1, 2, 4, 60, 120, 240, 480]), pause => Assert.InRange(pause.First, pause.Second, pause.Second + 5));
        Assert.Equal(RunState.Succeeded, Run.Journal.Row.State);
        string notice = Cluster.Notices(Run.RunId).First(text => text.StartsWith("Host a ", StringComparison.Ordinal));
        Assert.StartsWith("Host a is quarantined until 2030-01-01 00:0", notice, StringComparison.Ordinal);
        Assert.EndsWith(
            " UTC: 5 losses of replicas within 10 minutes, the last: replica seed-1-1-r6 on host a exited with code 127 "
                + "before it was ready.",
            notice,
            StringComparison.Ordinal
        );
    }

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
                + "clipd submit --resume goes on from the newest checkpoint",
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
            $"stopped after step {Run.Saved}, saved; clipd submit --resume goes on: needs at least 5 replicas; 4 are ready, no "
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

    private void UntilEnd()
    {
        Cluster.Until(() => Run.Ending.IsCompleted, TimeSpan.FromHours(2));
        Run.Ending.GetAwaiter().GetResult();
    }
}
