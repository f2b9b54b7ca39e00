using ClipDistributed.Cluster.Tests.Running;
using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Cluster.Tests.Training;

/// <summary>Runs whose replicas or hosts are lost: the cause is named, and what comes after sees the same samples.</summary>
[Collection(ClusterCollection.Name)]
public sealed class FaultTests(ClusterData data)
{
    [Theory]
    [InlineData(0)] // which writes
    [InlineData(2)]
    public async Task Replica_Killed_IsNamedAndResumeSeesTheSameSamples(int rank)
    {
        var expected = data.Alone();
        var spec = data.Spec();
        await using var cluster = await LiveCluster.StartAsync(2, 1);

        var failed = await cluster.RunAsync(spec, replicas: 3, faults: new FaultPlan().KillReplica(rank, step: 8));
        AssertCause(failed, $"replica {failed.RunId}-r{rank + 1} on host {(rank == 2 ? "b" : "a")} was ended by signal 9 (SIGKILL) at step ");
        var resumed = await cluster.RunAsync(spec, replicas: 3, resume: true);

        Assert.Equal(RunPhase.Succeeded, resumed.Phase);
        ClusterData.Recorded(spec).AssertFollows(expected);
        Assert.Equal(2, ClusterData.Recorded(spec).Attempts.Count);
    }

    [Fact]
    public async Task Host_StoppedWhileItsReplicaRuns_IsNamedAndResumeGoesOnWithoutIt()
    {
        var expected = data.Alone();
        var spec = data.Spec();
        await using var cluster = await LiveCluster.StartAsync(2, 1);
        string runId = await cluster.SubmitAsync(spec, replicas: 3);
        await LiveCluster.UntilStepAsync(new(spec.RunDirectory), 6);
        await cluster.StopHostAsync("b");
        AssertCause(await cluster.FinishAsync(runId, new(spec.RunDirectory)), $"replica {runId}-r3 on host b ");

        var resumed = await cluster.RunAsync(spec, replicas: 2, resume: true);

        Assert.Equal(RunPhase.Succeeded, resumed.Phase);
        ClusterData.Recorded(spec).AssertFollows(expected);
    }

    /// <summary>Without recovery a lost replica is the run's end, told in one line.</summary>
    private static void AssertCause(Run failed, string expected)
    {
        Assert.Equal(RunPhase.Failed, failed.Phase);
        Assert.StartsWith(expected, failed.Reason, StringComparison.Ordinal);
        Assert.EndsWith("; clipd submit --resume goes on from the newest checkpoint", failed.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failed.Reason);
    }
}
