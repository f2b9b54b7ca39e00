using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.History.MetricQueries;

/// <summary>Sums up a run's steps in the order of their records, in buckets of several widths.</summary>
/// <param name="attempt">That the last record before belongs to; 0: there is none.</param>
internal sealed class MetricRollup(string runId, long attempt)
{
    private readonly List<RollupRow> full = [];
    private readonly Dictionary<int, OpenBucket> open = []; // by width
    private long attempt = attempt;

    /// <summary>
    /// Of what is stored, in steps. The widest that fits the points is read: 2,000 points never take more than 8,000 buckets, up to two
    /// million steps, or 32,000 records.
    /// </summary>
    public static IReadOnlyList<int> Widths { get; } = [16, 64, 256, 1024];

    /// <summary>The narrowest; records of steps are found by these.</summary>
    public static int Narrow => Widths[0];

    /// <summary>Buckets that nothing is added to any more.</summary>
    public IReadOnlyList<RollupRow> Full => full;

    /// <summary>Null: no step has come.</summary>
    public OpenBucket? Open(int width) => open.GetValueOrDefault(width);

    /// <param name="narrow">A bucket that is stored, and in no stored one of this width.</param>
    public void Restore(int width, RollupRow narrow) =>
        OpenFor(width, narrow.Bucket * Narrow + 1, narrow.Attempt, narrow.FirstSequence).Add(narrow);

    /// <param name="sequence">Of the record.</param>
    /// <param name="recorded">When, UTC.</param>
    public void Add(RunRecord record, long sequence, DateTime recorded)
    {
        if (record.Started is { } started)
            attempt = started.Attempt;
        if (record.Step is not { Step: > 0 } step)
            return;
        foreach (int width in Widths)
            OpenFor(width, step.Step, attempt, sequence).Add(step, sequence, recorded);
    }

    /// <summary>Those that are full are stored.</summary>
    public void OnStored() => full.Clear();

    /// <summary>The bucket that a step goes into; it closes the one before.</summary>
    private OpenBucket OpenFor(int width, long step, long of, long sequence)
    {
        if (open.TryGetValue(width, out var bucket) && bucket.Takes(step, of))
            return bucket;
        if (bucket is not null)
            full.Add(bucket.ToRow(runId));
        return open[width] = new OpenBucket(width, OpenBucket.NumberOf(step, width), of, sequence);
    }
}
