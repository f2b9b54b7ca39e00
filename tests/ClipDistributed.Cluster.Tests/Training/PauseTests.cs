using ClipDistributed.Cluster.Tests.Running;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Checkpoints;

namespace ClipDistributed.Cluster.Tests.Training;

/// <summary>Runs that leave their devices and return to them.</summary>
[Collection(ClusterCollection.Name)]
public sealed class PauseTests(ClusterData data)
{
    [Fact]
    public async Task Pause_ThenResumed_LossesAreEqualToTheBit()
    {
        var expected = data.Alone();
        var spec = data.Spec();
        var directory = new RunDirectory(spec.RunDirectory);
        await using var cluster = await LiveCluster.StartAsync(1);
        string runId = await cluster.SubmitAsync(spec, 1);
        await LiveCluster.UntilStepAsync(directory, 3);
        await cluster.Control.PauseRunAsync(new PauseRunRequest { RunId = runId });
        var paused = await UntilAsync(cluster, runId, RunState.Paused);
        cluster.AssertNoReplicas();
        Assert.InRange(paused.Step, 3, paused.Steps - 1);

        await cluster.Control.ResumeRunAsync(new ResumeRunRequest { RunId = runId });
        var done = await cluster.FinishAsync(runId, directory);

        Assert.Equal((RunState.Succeeded, 2L), (done.State, done.Generation));
        var recorded = ClusterData.Recorded(spec);
        Assert.Single(recorded.Attempts);
        recorded.AssertSameSamples(expected);
        Assert.Equal(expected.Steps.Select(step => step.Loss), recorded.Steps.Select(step => step.Loss));
        Assert.DoesNotContain(recorded.Incidents, one => one.What != "coordinator"); // a busy machine may stop that for a second
    }

    [Fact]
    public async Task RollBack_ToACheckpoint_ComputesTheSameAgainInANewAttempt()
    {
        var expected = data.Alone();
        var spec = data.Spec();
        var directory = new RunDirectory(spec.RunDirectory);
        await using var cluster = await LiveCluster.StartAsync(1);
        string runId = await cluster.SubmitAsync(spec, 1);
        await LiveCluster.UntilStepAsync(directory, 2);
        await cluster.Control.PauseRunAsync(new PauseRunRequest { RunId = runId });
        long saved = (await UntilAsync(cluster, runId, RunState.Paused)).Step;
        await cluster.Control.ResumeRunAsync(new ResumeRunRequest { RunId = runId });
        await LiveCluster.UntilStepAsync(directory, saved + 1);

        await cluster.Checkpoints.RollBackRunAsync(new RollBackRunRequest { RunId = runId, Step = saved });
        var done = await cluster.FinishAsync(runId, directory);

        Assert.Equal(RunState.Succeeded, done.State);
        var recorded = ClusterData.Recorded(spec);
        Assert.Equal([new RunAttempt(1, 0, 0), new RunAttempt(2, 1, saved)], recorded.Attempts);
        recorded.AssertSameSamples(expected);
        Assert.Equal(expected.Steps.Select(step => step.Loss), recorded.Steps.Select(step => step.Loss));
        var listed = (await cluster.Checkpoints.ListCheckpointsAsync(new ListCheckpointsRequest { RunId = runId })).Checkpoints;
        Assert.Contains(listed, one => one is { Attempt: 1, Abandoned: true } && one.Step > saved);
        Assert.Equal([saved], new DiskCheckpoints(directory).List().Where(one => one.IsPinned).Select(one => one.Step));
    }

    [Fact]
    public async Task SubmitJob_FromACheckpoint_BeginsWithItsWeights()
    {
        var spec = data.Spec();
        await using var cluster = await LiveCluster.StartAsync(1);
        string runId = (await cluster.RunAsync(spec, 1)).RunId;
        var changes = new TrainingSpec { RunDirectory = data.Spec().RunDirectory };
        var fork = await cluster.Control.SubmitJobAsync(
            new SubmitJobRequest { Spec = changes, From = new ForkSource { RunId = runId } });
        var done = await cluster.FinishAsync(fork.RunId, new RunDirectory(changes.RunDirectory));

        Assert.Equal(RunState.Succeeded, done.State);
        var (first, second) = (ClusterData.Recorded(spec), ClusterData.Recorded(changes));
        Assert.Equal(first.Steps[0].ContentDigest, second.Steps[0].ContentDigest);
        Assert.True(second.Steps[0].Loss < first.Steps[0].Loss, $"{second.Steps[0].Loss} after {first.Steps[0].Loss}");
    }

    private static async Task<Run> UntilAsync(LiveCluster cluster, string runId, RunState state)
    {
        await foreach (var message in cluster.WatchAsync(runId))
        {
            if (message.Run?.State == state)
                return message.Run;
        }
        throw new InvalidOperationException($"{runId} ended before it was {state}");
    }
}
