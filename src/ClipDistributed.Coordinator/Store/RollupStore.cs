using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore;

namespace ClipDistributed.Coordinator.Store;

/// <summary>The rollups of runs in the store, beside the records that they are made of. Thread-safe.</summary>
internal sealed class RollupStore(RunStore store)
{
    /// <summary>The newest one of a width; null: there is none.</summary>
    public async Task<RollupRow?> LastAsync(string runId, int width, CancellationToken cancel)
    {
        await using var db = store.Read();
        return await Of(db, runId, width).OrderByDescending(row => row.LastSequence).FirstOrDefaultAsync(cancel);
    }

    /// <summary>Those whose records come after a sequence number, in the order of the records.</summary>
    public async Task<IReadOnlyList<RollupRow>> AfterAsync(string runId, int width, long sequence, CancellationToken cancel)
    {
        await using var db = store.Read();
        return await Of(db, runId, width).Where(row => row.LastSequence > sequence).OrderBy(row => row.LastSequence).ToListAsync(cancel);
    }

    /// <summary>The first and the last bucket of a width, over all attempts; null: there is none.</summary>
    public async Task<(long First, long Last)?> EndsAsync(string runId, int width, CancellationToken cancel)
    {
        await using var db = store.Read();
        long? first = await Of(db, runId, width).MinAsync(row => (long?)row.Bucket, cancel); // one look into the index each
        long? last = await Of(db, runId, width).MaxAsync(row => (long?)row.Bucket, cancel);
        return first is null || last is null ? null : (first.Value, last.Value);
    }

    /// <summary>Those of some buckets, in the order of the records.</summary>
    public async Task<IReadOnlyList<RollupRow>> BetweenAsync(string runId, int width, long first, long last, CancellationToken cancel)
    {
        await using var db = store.Read();
        var rows = await Of(db, runId, width).Where(row => row.Bucket >= first && row.Bucket <= last).ToListAsync(cancel);
        return [.. rows.OrderBy(row => row.FirstSequence)];
    }

    /// <summary>As above without their summaries, which are most of their bytes.</summary>
    public async Task<IReadOnlyList<(long Attempt, long First, long Last)>> SequencesAsync(
        string runId, int width, long first, long last, CancellationToken cancel)
    {
        await using var db = store.Read();
        var rows = await Of(db, runId, width).Where(row => row.Bucket >= first && row.Bucket <= last)
            .Select(row => new { row.Attempt, row.FirstSequence, row.LastSequence }).ToListAsync(cancel);
        return [.. rows.Select(row => (row.Attempt, row.FirstSequence, row.LastSequence)).OrderBy(row => row.FirstSequence)];
    }

    /// <summary>Records of a range of sequence numbers, both ends included.</summary>
    public async Task<IReadOnlyList<(long Sequence, DateTime Time, byte[] Record)>> RecordsAsync(
        string runId, long first, long last, int max, CancellationToken cancel)
    {
        await using var db = store.Read();
        var rows = await db.Records.AsNoTracking()
            .Where(row => row.RunId == runId && row.Sequence >= first && row.Sequence <= last)
            .OrderBy(row => row.Sequence).Take(max).Select(row => new { row.Sequence, row.Time, row.Record })
            .ToListAsync(cancel);
        return [.. rows.Select(row => (row.Sequence, row.Time, row.Record))];
    }

    /// <summary>Adds what follows. Nothing happens where it was added before, or the run was deleted.</summary>
    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    public Task AddAsync(string runId, IReadOnlyList<RollupRow> rows) => store.WriteAsync(async db =>
    {
        if (!await db.Runs.AnyAsync(run => run.RunId == runId && run.Deleted == null))
            return;
        foreach (var width in rows.GroupBy(row => row.Width))
        {
            long added = await Of(db, runId, width.Key).MaxAsync(row => (long?)row.LastSequence) ?? 0;
            db.Rollups.AddRange(width.Where(row => row.LastSequence > added));
        }
    });

    private static IQueryable<RollupRow> Of(CoordinatorDb db, string runId, int width) =>
        db.Rollups.AsNoTracking().Where(row => row.RunId == runId && row.Width == width);
}
