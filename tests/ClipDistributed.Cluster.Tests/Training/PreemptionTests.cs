using ClipDistributed.Cluster.Tests.Running;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Cluster.Tests.Training;

/// <summary>Runs whose devices are taken for one of higher priority.</summary>
[Collection(ClusterCollection.Name)]
public sealed class PreemptionTests(ClusterData data)
{
    [Fact]
    public async Task Submit_HigherPriority_BothEndWithTheLossesOfAnUndisturbedRun()
    {
        var expected = data.Alone();
        var (low, high) = (data.Spec(), data.Spec());
        (low.Replicas.Priority, low.Replicas.Preemptible, high.Replicas.Priority) = (10, true, 90);
        var directory = new RunDirectory(low.RunDirectory);
        await using var cluster = await LiveCluster.StartAsync(options => options with { PreemptAfter = TimeSpan.Zero }, 1);
        string lowId = await cluster.SubmitAsync(low, 1);
        await LiveCluster.UntilStepAsync(directory, 2);
        string highId = await cluster.SubmitAsync(high, 1);

        var waits = await UntilAsync(cluster, lowId, RunState.Preempted);
        Assert.InRange(waits.Step, 2, waits.Steps - 1);
        Assert.Equal(highId, waits.PreemptedBy);
        var first = await cluster.FinishAsync(highId, new RunDirectory(high.RunDirectory));
        var second = await cluster.FinishAsync(lowId, directory);

        Assert.Equal((RunState.Succeeded, 1L, 0), (first.State, first.Generation, first.Preemptions));
        Assert.Equal((RunState.Succeeded, 2L, 1), (second.State, second.Generation, second.Preemptions));
        foreach (var spec in new[] { low, high })
        {
            var recorded = ClusterData.Recorded(spec);
            Assert.Single(recorded.Attempts);
            recorded.AssertSameSamples(expected);
            Assert.Equal(expected.Steps.Select(step => step.Loss), recorded.Steps.Select(step => step.Loss));
            Assert.DoesNotContain(recorded.Incidents, one => one.What != "coordinator"); // a busy machine may stop that for a second
        }
        await cluster.Log.WaitAsync("RunPreempted", ("RunId", lowId));
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
