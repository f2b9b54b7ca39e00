using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.TestKit.Simulation;

namespace ClipDistributed.Coordinator.Tests.Runs;

/// <summary>Replicas that end before they are ready, in simulated time.</summary>
public sealed class RunLoopStartupFailureTests : SimulatedRunTests
{
    [Fact]
    public void StartupFailure_Three_FailTheRunWithTheLastEvidence()
    {
        Cluster.DiesLoading = _ => true;
        Cluster.Submit(min: 1, max: 1, steps: 20);
        UntilEnd();
        Assert.Equal((RunState.Failed, 3), (Run.Journal.Row.State, Cluster.Replicas.Count));
        Assert.Equal(
            "3 replicas in a row ended before they were ready; the last: replica seed-1-1-r3 on host b exited with code 127 "
                + "before it was ready; clipd submit SPEC --resume goes on from the newest checkpoint",
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
            "Z: 5 losses of replicas within 10 minutes, the last: replica seed-1-1-r6 on host a exited with code 127 "
                + "before it was ready.",
            notice,
            StringComparison.Ordinal
        );
    }
}
