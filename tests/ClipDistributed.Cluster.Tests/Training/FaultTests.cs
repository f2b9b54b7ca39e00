using System.Diagnostics;
using ClipDistributed.Cluster.Tests.Running;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Checkpoints;

namespace ClipDistributed.Cluster.Tests.Training;

/// <summary>Runs whose replicas or hosts are lost: they go on, record what was seen, and end as an undisturbed run does.</summary>
[Collection(ClusterCollection.Name)]
public sealed class FaultTests(ClusterData data)
{
    [Theory]
    [InlineData(0)] // which writes
    [InlineData(2)]
    public async Task Replica_Killed_OthersGoOnAndTheTrajectoryIsTheSame(int rank)
    {
        var spec = data.Spec();
        await using var cluster = await LiveCluster.StartAsync(2, 1);

        var run = await cluster.RunAsync(spec, replicas: 3, faults: new FaultPlan().KillReplica(rank, step: 8));

        AssertWentOn(run, spec, "replica lost", host: rank == 2 ? "b" : "a", rank);
    }

    [Fact]
    public async Task Replica_Stopped_IsLeftOutWhenItsHeartbeatsEnd()
    {
        var spec = data.Spec();
        await using var cluster = await LiveCluster.StartAsync(2, 1);

        var run = await cluster.RunAsync(spec, replicas: 3, faults: new FaultPlan().StopReplica(rank: 1, step: 8));

        AssertWentOn(run, spec, "replica hung", host: "a", rank: 1);
    }

    [Fact]
    public async Task Host_StoppedWhileItsReplicaRuns_OthersGoOnWithoutIt()
    {
        var spec = data.Spec();
        await using var cluster = await LiveCluster.StartAsync(2, 1);
        string runId = await cluster.SubmitAsync(spec, replicas: 3);
        await LiveCluster.UntilStepAsync(new(spec.RunDirectory), 6);

        await cluster.StopHostAsync("b");

        AssertWentOn(await cluster.FinishAsync(runId, new(spec.RunDirectory)), spec, "host lost", host: "b", rank: 2);
    }

    [Fact]
    public async Task AllReplicas_KilledWithTheNewestCheckpointDamaged_GoOnFromTheOneBefore()
    {
        const string Samples = "samples=3840"; // as of DrainTests: computed alone once
        var spec = data.Spec(Samples, "checkpoint.every_steps=10", "evaluate.every_steps=0");
        var directory = new RunDirectory(spec.RunDirectory);
        await using var cluster = await LiveCluster.StartAsync(2, 1);
        string runId = await cluster.SubmitAsync(spec, replicas: 3);
        await LiveCluster.UntilStepAsync(directory, 28);
        var newest = new DiskCheckpoints(directory).List().MaxBy(found => found.Step)!;
        string weights = Path.Combine(newest.Path, "open_clip_model.safetensors");
        byte[] bytes = File.ReadAllBytes(weights);
        bytes[^1] ^= 1;
        File.WriteAllBytes(weights, bytes);

        foreach (int process in cluster.Log.Processes.Values)
            Process.GetProcessById(process).Kill();
        var run = await cluster.FinishAsync(runId, directory);

        Assert.Equal((RunState.Succeeded, ""), (run.State, run.Reason));
        var recorded = ClusterData.Recorded(spec);
        recorded.AssertFollows(data.Alone(Samples));
        Assert.Contains(recorded.Notices, notice => notice.Text.Contains($"step-{newest.Step:00000000}", StringComparison.Ordinal));
    }

    /// <summary>One attempt, every step once, losses and digests of an undisturbed run; and what was seen is recorded.</summary>
    private void AssertWentOn(Run run, Contracts.Spec.V1.TrainingSpec spec, string what, string host, int rank)
    {
        Assert.Equal((RunState.Succeeded, ""), (run.State, run.Reason));
        Assert.True(run.Generation > 1);
        var recorded = ClusterData.Recorded(spec);
        recorded.AssertFollows(data.Alone());
        Assert.Single(recorded.Attempts);
        recorded.AssertIncident(what, host, $"{run.RunId}-r{rank + 1}");
    }
}
