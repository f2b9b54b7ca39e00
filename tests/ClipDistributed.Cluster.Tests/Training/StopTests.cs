using ClipDistributed.Cluster.Tests.Running;
using ClipDistributed.Contracts.Checkpoints;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Checkpoints;
using Grpc.Core;

namespace ClipDistributed.Cluster.Tests.Training;

/// <summary>Runs that end early on request, and can be resumed.</summary>
[Collection(ClusterCollection.Name)]
public sealed class StopTests(ClusterData data)
{
    [Theory]
    [InlineData(3, 2)]
    [InlineData(1, 3)]
    public async Task Stop_ThenResumedWithOtherReplicas_SeesTheSameSamplesInOneAttempt(int before, int after)
    {
        var expected = data.Alone();
        var spec = data.Spec();
        var directory = new RunDirectory(spec.RunDirectory);
        await using var cluster = await LiveCluster.StartAsync(2, 1);
        string runId = await cluster.SubmitAsync(spec, (uint)before);
        await LiveCluster.UntilStepAsync(directory, 3);
        await cluster.Control.StopRunAsync(new StopRunRequest { RunId = runId });
        var stopped = await cluster.FinishAsync(runId, directory);

        var resumed = await cluster.RunAsync(spec, (uint)after, resume: true);

        Assert.Equal(RunState.Stopped, stopped.State);
        Assert.Equal((RunState.Succeeded, stopped.JobId), (resumed.State, resumed.JobId));
        var recorded = ClusterData.Recorded(spec);
        Assert.Single(recorded.Attempts);
        recorded.AssertFollows(expected);
    }

    [Fact]
    public async Task SaveCheckpoint_RunningRun_SavesAndGoesOn()
    {
        var spec = data.Spec();
        var directory = new RunDirectory(spec.RunDirectory);
        await using var cluster = await LiveCluster.StartAsync(2);
        string runId = await cluster.SubmitAsync(spec, 2);
        await LiveCluster.UntilStepAsync(directory, 2);

        await cluster.Control.SaveCheckpointAsync(new SaveCheckpointRequest { RunId = runId });
        var run = await cluster.FinishAsync(runId, directory);

        Assert.Equal(RunState.Succeeded, run.State);
        ClusterData.Recorded(spec).AssertFollows(data.Alone());
        Assert.Contains(
            new DiskCheckpoints(directory).List(),
            found => found.Step is > 2 && found.Step < run.Steps && CheckpointFiles.FindDamage(found.Path) is null
        );
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
            await cluster.Control.SaveCheckpointAsync(new SaveCheckpointRequest { RunId = runId })
        );
        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
    }

    [Fact]
    public async Task Cancel_RunningRun_EndsAllProcesses()
    {
        var spec = data.Spec();
        var directory = new RunDirectory(spec.RunDirectory);
        await using var cluster = await LiveCluster.StartAsync(2, 1);
        string runId = await cluster.SubmitAsync(spec, 3);
        await LiveCluster.UntilStepAsync(directory, 2);

        await cluster.Control.CancelRunAsync(new CancelRunRequest { RunId = runId });
        var run = await cluster.FinishAsync(runId, directory);

        Assert.Equal(RunState.Cancelled, run.State);
        Assert.Equal(3, cluster.Log.Processes.Count);
        cluster.AssertNoReplicas();
    }
}
