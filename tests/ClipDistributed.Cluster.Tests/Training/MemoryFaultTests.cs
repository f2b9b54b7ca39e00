using ClipDistributed.Cluster.Tests.Running;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cluster.Tests.Training;

/// <summary>One number among the weights of one replica changes by itself: the replica is named and replaced, the run goes on.</summary>
[Collection(ClusterCollection.Name)]
public sealed class MemoryFaultTests(ClusterData data)
{
    // So small that the weights stay what they are, and can be found in the replica's memory.
    private static readonly string[] Frozen = ["optimizer.lr=1e-30", "replicas.compare_every_steps=4", "samples=6400", "evaluate.every_steps=0"];

    [Fact]
    public async Task Weight_IsNotANumber_StepsStayFinite()
    {
        var (run, recorded) = await RunAsync(_ => float.NaN);

        AssertReplaced(run, recorded);
        recorded.AssertFollows(data.Alone(Frozen)); // no step was applied with it
    }

    [Fact]
    public async Task Weight_ABitIsFlipped_TheNextComparisonFindsIt()
    {
        var (run, recorded) = await RunAsync(weight => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(weight) ^ (1 << 25)));

        AssertReplaced(run, recorded);
        recorded.AssertSameSamples(data.Alone(Frozen));
    }

    private async Task<(Run Run, RecordedRun Recorded)> RunAsync(Func<float, float> change)
    {
        var spec = data.Spec(Frozen);
        await using var cluster = await LiveCluster.StartAsync(2, 1);
        string runId = await cluster.SubmitAsync(spec, replicas: 3);
        var directory = new RunDirectory(spec.RunDirectory);
        await LiveCluster.UntilStepAsync(directory, 12);

        var victim = (await cluster.StateAsync(runId)).Replicas.Single(member => member.Rank == 2);
        float[] weights = new RecordedRun(directory).Weights(attempt: 1, step: 5)["visual.conv1.weight"][..16];
        Assert.True(ProcessMemory.Overwrite(cluster.Log.Processes[victim.ReplicaId], weights, change(weights[0])) > 0);

        return (await cluster.FinishAsync(runId, directory), ClusterData.Recorded(spec));
    }

    private static void AssertReplaced(Run run, RecordedRun recorded)
    {
        Assert.Equal((RunPhase.Succeeded, ""), (run.Phase, run.Reason));
        Assert.DoesNotContain(run.Replicas, replica => replica.ReplicaId == $"{run.RunId}-r3");
        Assert.Single(recorded.Attempts);
        var notices = File.ReadLines(recorded.Directory.Events).Select(ReplicaMessage.TryParse).OfType<RunNotice>();
        Assert.Contains(notices, notice => notice.Text.StartsWith($"replica {run.RunId}-r3 on host b computes wrongly: ", StringComparison.Ordinal));
    }
}
