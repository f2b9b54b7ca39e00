using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.Coordinator.Tests.Store;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging.Abstractions;

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
        Assert.Equal(
            Enumerable.Range(1, 60).Select(i => (long)i),
            whole.Where(response => response.Record is not null).Select(response => response.Record.Sequence)
        );
        Assert.Equal(RunState.Succeeded, whole[^1].Run.State);
        Assert.Equal(RunState.Succeeded, late[0].Run.State);
        Assert.Equal([58L, 59, 60], late.Skip(1).Select(response => response.Record.Sequence));
        Assert.Equal(60, late[^1].Record.Step.Step);
    }

    /// <summary>201 watchers of a run stalled its coordinator when each asked the store for each record.</summary>
    [Fact]
    public async Task Watch_ManyWatchersOfNewRecords_DoNotAskTheStore()
    {
        using var folder = new TemporaryFolder();
        var reads = new RecordReads();
        using var store = RunStore.Open(new CoordinatorOptions { StateDirectory = folder.File("state") }, reads);
        var job = new JobRow
        {
            JobId = "demo",
            Name = "demo",
            RunDirectory = "/none",
            Submitted = DateTime.UnixEpoch,
            Spec = [],
        };
        var row = new RunRow
        {
            RunId = "demo-1",
            JobId = "demo",
            Name = "demo",
            Number = 1,
            RunDirectory = "/none",
            State = RunState.Running,
            Submitted = DateTime.UnixEpoch,
        };
        await store.AddAsync(job, row);
        var journal = new RunJournal(store, StoredRun.New(row), TimeProvider.System, NullLogger.Instance);
        var watchers = Enumerable.Range(0, 50).Select(_ => Task.Run(() => CountAsync(journal))).ToList();
        for (int record = 1; record <= 20; record++)
        {
            journal.Records.Add(new RunRecord { Step = new StepMetrics { Step = record } }, generation: 0);
            await journal.SaveAsync(row, []);
        }
        row.State = RunState.Succeeded;
        await journal.SaveAsync(row, []);
        Assert.All(await Task.WhenAll(watchers), count => Assert.Equal(20, count));
        Assert.Equal(0, reads.Count);

        // A later coordinator has them in the store alone.
        Assert.Equal(20, await CountAsync(new RunJournal(store, new StoredRun(row, 20, []), TimeProvider.System, NullLogger.Instance)));
        Assert.True(reads.Count > 0);
    }

    private static async Task<int> CountAsync(RunJournal journal)
    {
        long last = 0;
        await foreach (var (_, record) in journal.WatchAsync(0, CancellationToken.None))
        {
            if (record is not null)
                Assert.Equal(++last, record.Sequence);
        }
        return (int)last;
    }

    private static async Task<List<WatchRunResponse>> ToEndAsync(IAsyncEnumerable<WatchRunResponse> response)
    {
        var all = new List<WatchRunResponse>();
        await foreach (var one in response)
            all.Add(one);
        return all;
    }
}
