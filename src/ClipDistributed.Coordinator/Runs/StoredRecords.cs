using System.Runtime.CompilerServices;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>The records of a run in the store. While it is unavailable, reads are retried. Thread-safe.</summary>
internal sealed class StoredRecords(IRunStore store, StoreRetry retry, string runId)
{
    private const int PageSize = 500;

    // Reads of all watchers at once would block all other queries.
    private static readonly SemaphoreSlim Watching = new(2);

    /// <summary>Some records after a sequence number, for a watcher, which waits for its turn; the run's own loop does not.</summary>
    public async Task<IReadOnlyList<RecordRow>> PageForWatcherAsync(long after, CancellationToken cancel)
    {
        await Watching.WaitAsync(cancel);
        try
        {
            return await PageAsync(after, cancel);
        }
        finally
        {
            Watching.Release();
        }
    }

    /// <summary>
    /// Adds up the time of new steps: where another attempt began from an earlier step, the steps after that are its own.
    /// </summary>
    public async Task<double> UsefulSecondsAsync(CancellationToken cancel)
    {
        var seconds = new Dictionary<long, double>();
        long attempt = 0;
        await foreach (var row in AllAsync(cancel))
        {
            var record = RunMessages.ToMessage(row);
            if (record.Started is { } started && started.Attempt != attempt)
            {
                attempt = started.Attempt;
                foreach (long step in seconds.Keys.Where(step => step > started.Step).ToList())
                    seconds.Remove(step);
            }
            if (record.Step is { } done)
                seconds[done.Step] = done.CountedSeconds;
        }
        return seconds.Values.Sum();
    }

    private async IAsyncEnumerable<RecordRow> AllAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        for (long after = 0; ;)
        {
            var page = await PageAsync(after, cancel);
            foreach (var record in page)
                yield return record;
            if (page.Count < PageSize)
                yield break;
            after = page[^1].Sequence;
        }
    }

    private async Task<IReadOnlyList<RecordRow>> PageAsync(long after, CancellationToken cancel)
    {
        IReadOnlyList<RecordRow> page = [];
        await retry.TryAsync(
            $"The records of run {runId} cannot be read",
            async () => page = await store.RecordsAsync(runId, after, PageSize, cancel),
            cancel);
        return page;
    }
}
