using ClipDistributed.Cluster.Tests.Running;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Checkpoints;

namespace ClipDistributed.Cluster.Tests.Training;

/// <summary>One number among the weights of one replica changes by itself: the replica is named and replaced, the run goes on.</summary>
[Collection(ClusterCollection.Name)]
public sealed class MemoryFaultTests(ClusterData data)
{
    // A rate so small that the weights stay what they are, and can be found in the replica's memory; more steps than are waited for.
    private static readonly string[] Frozen =
    [
        "optimizer.lr=1e-30",
        "replicas.compare_every_steps=4",
        "samples=6400000",
        "checkpoint.every_steps=20",
        "evaluate.every_steps=0",
    ];

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(1.5f)]
    public async Task Weight_ChangesByItself_ItsReplicaIsReplacedAndStepsStayFinite(float value)
    {
        var spec = data.Spec(Frozen);
        var directory = new RunDirectory(spec.RunDirectory);
        await using var cluster = await LiveCluster.StartAsync(2, 1);
        string runId = await cluster.SubmitAsync(spec, replicas: 3);
        await LiveCluster.UntilStepAsync(directory, 60);

        long saved = new DiskCheckpoints(directory).List().Max(checkpoint => checkpoint.Step);
        float[] weights = new RecordedRun(directory).Weights(attempt: 1, saved)["visual.conv1.weight"][..16];
        var found = cluster.Log.WaitAsync("ReplicaLost", ("ReplicaId", $"{runId}-r3"));
        do
            ProcessMemory.Overwrite(cluster.Log.Processes[$"{runId}-r3"], weights, value);
        while (await Task.WhenAny(found, Task.Delay(TimeSpan.FromSeconds(3))) != found); // a copy may have been hit alone
        await found;
        await cluster.Log.WaitAsync("GenerationBegins", ("Generation", 2));
        await cluster.Control.StopRunAsync(new StopRunRequest { RunId = runId });

        Assert.Equal(RunState.Stopped, (await cluster.FinishAsync(runId, directory)).State);
        var recorded = ClusterData.Recorded(spec);
        Assert.Equal(Enumerable.Range(1, recorded.Steps.Count).Select(step => (long)step), recorded.Steps.Select(step => step.Step));
        Assert.All(recorded.Steps, step => Assert.True(step.Applied && double.IsFinite(step.Loss)));
        recorded.AssertIncident("replica faulty", "b", "rank 2");
    }
}
