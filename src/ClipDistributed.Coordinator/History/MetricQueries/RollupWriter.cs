using ClipDistributed.Coordinator.Store;

namespace ClipDistributed.Coordinator.History.MetricQueries;

/// <summary>Brings the rollups of runs up to their newest records, one run at a time each. Thread-safe.</summary>
internal sealed class RollupWriter(RollupStore store)
{
    /// <summary>Records that are read, and rollups that are written, at a time.</summary>
    private const int PageSize = 5_000;

    private readonly Dictionary<string, Turn> turns = new(StringComparer.Ordinal); // of the runs that somebody asks for now

    /// <returns>What the newest records hold that fill no bucket yet.</returns>
    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    /// <exception cref="Google.Protobuf.InvalidProtocolBufferException">What is stored is damaged.</exception>
    public async Task<MetricRollup> CatchUpAsync(string runId, CancellationToken cancel)
    {
        var turn = Enter(runId);
        try
        {
            await turn.Free.WaitAsync(cancel);
            try
            {
                return await ReadOnAsync(runId, cancel);
            }
            finally
            {
                turn.Free.Release();
            }
        }
        finally
        {
            Leave(runId, turn);
        }
    }

    private Turn Enter(string runId)
    {
        lock (turns)
        {
            if (!turns.TryGetValue(runId, out var turn))
                turns[runId] = turn = new Turn();
            turn.Users++;
            return turn;
        }
    }

    private void Leave(string runId, Turn turn)
    {
        lock (turns)
        {
            if (--turn.Users > 0)
                return;
            turns.Remove(runId);
            turn.Free.Dispose();
        }
    }

    private async Task<MetricRollup> ReadOnAsync(string runId, CancellationToken cancel)
    {
        var narrow = await store.LastAsync(runId, MetricRollup.Narrow, cancel);
        var rollup = new MetricRollup(runId, narrow?.Attempt ?? 0);
        foreach (int width in MetricRollup.Widths.Skip(1))
        {
            long done = (await store.LastAsync(runId, width, cancel))?.LastSequence ?? 0;
            foreach (var row in await store.AfterAsync(runId, MetricRollup.Narrow, done, cancel))
                rollup.Restore(width, row);
        }
        for (long after = narrow?.LastSequence ?? 0; ;)
        {
            var page = await store.RecordsAsync(runId, after + 1, long.MaxValue, PageSize, cancel);
            foreach (var (sequence, recorded, record) in page)
                rollup.Add(StoredRecord.Parse(record), sequence, recorded);
            if (rollup.Full.Count > 0)
                await store.AddAsync(runId, rollup.Full);
            rollup.OnStored();
            if (page.Count < PageSize)
                return rollup;
            after = page[^1].Sequence;
        }
    }

    private sealed class Turn
    {
        public SemaphoreSlim Free { get; } = new(1);

        /// <summary>Who have or want it.</summary>
        public int Users { get; set; }
    }
}
