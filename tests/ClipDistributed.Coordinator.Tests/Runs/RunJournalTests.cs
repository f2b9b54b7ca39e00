using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Tests.Scripted;

namespace ClipDistributed.Coordinator.Tests.Runs;

public class RunJournalTests
{
    [Fact]
    public async Task Watch_HistoryThenLive_EachRecordOnceAndEndsWithTheRun()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.HostAsync("a");
        string runId = await coordinator.SubmitAsync(coordinator.Spec(steps: 60));
        var early = ToEndAsync(coordinator.WatchAsync(runId));
        var replica = await host.StartReplicaAsync();
        await replica.TrainAsync(60);
        var whole = await early;
        var late = await ToEndAsync(coordinator.WatchAsync(runId, after: 57));

        Assert.Equal(runId, whole[0].Run.RunId);
        Assert.Equal(Enumerable.Range(1, 60).Select(i => (long)i), whole.Where(told => told.Record is not null).Select(told => told.Record.Sequence));
        Assert.Equal(RunPhase.Succeeded, whole[^1].Run.Phase);
        Assert.Equal(RunPhase.Succeeded, late[0].Run.Phase);
        Assert.Equal([58L, 59, 60], late.Skip(1).Select(told => told.Record.Sequence));
        Assert.Equal(60, late[^1].Record.Record.Fields["step"].NumberValue);
    }

    private static async Task<List<WatchRunResponse>> ToEndAsync(IAsyncEnumerable<WatchRunResponse> told)
    {
        var all = new List<WatchRunResponse>();
        await foreach (var one in told)
            all.Add(one);
        return all;
    }
}
