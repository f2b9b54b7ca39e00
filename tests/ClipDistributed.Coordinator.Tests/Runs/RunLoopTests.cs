using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Tests.Scripted;

namespace ClipDistributed.Coordinator.Tests.Runs;

public class RunLoopTests
{
    [Fact]
    public async Task Run_TwoHosts_GoesFromSubmissionToSuccess()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var (b, a) = (await coordinator.HostAsync("b"), await coordinator.HostAsync("a"));
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 2, max: 2, steps: 100));
        Assert.Equal("demo-1", runId);

        var (first, second) = (await a.StartReplicaAsync(), await b.StartReplicaAsync());
        Assert.True(first.Launch.Restore);
        Assert.False(second.Launch.Restore);
        var done = await Task.WhenAll(first.TrainAsync(100), second.TrainAsync(100));

        var run = await coordinator.UntilAsync(runId, RunPhase.Succeeded);
        Assert.Equal((100, 100, 1, ""), (run.Step, run.Steps, run.Generation, run.Reason));
        Assert.Equal(0.04, run.Loss);
        Assert.Equal(["a", "b"], run.Replicas.Select(replica => replica.Host));
        Assert.All(run.Replicas, replica => Assert.Equal(4u, replica.Share));
        Assert.Equal((0, 2, 0, 0L, CollectiveEngine.Gloo), (first.Generation.Rank, first.Generation.World, first.Generation.SourceRank, first.Generation.StartStep, first.Generation.Engine));
        Assert.Equal((1, 2), (second.Generation.Rank, second.Generation.World));
        Assert.Equal([1L, 33, 65, 97], done[0].Select(piece => piece.FirstStep));
        Assert.All(done[1], piece => Assert.Equal([4u, 4u], piece.Shares));
        Assert.All(done[1], piece => Assert.NotEmpty(piece.Spans));
        Assert.NotNull(run.Started);
        Assert.NotNull(run.Ended);
    }
}
