using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Store;

namespace ClipDistributed.Coordinator.History.MetricQueries;

/// <summary>
/// Answers what the metrics of a run's steps were. Of a short range the records of the steps are read, of a longer one their rollups:
/// a million steps take no longer than some thousand. Thread-safe.
/// </summary>
internal sealed class MetricHistory(RollupStore store, RollupWriter writer)
{
    /// <summary>Reads of all clients at once would block all other queries.</summary>
    private readonly SemaphoreSlim reading = new(2);

    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    public async Task<QueryMetricsResponse> QueryAsync(string runId, MetricQuery query, CancellationToken cancel)
    {
        await reading.WaitAsync(cancel);
        try
        {
            return await ReadAsync(runId, query, cancel);
        }
        finally
        {
            reading.Release();
        }
    }

    private async Task<QueryMetricsResponse> ReadAsync(string runId, MetricQuery query, CancellationToken cancel)
    {
        var newest = await writer.CatchUpAsync(runId, cancel);
        var response = new QueryMetricsResponse();
        if (await RangeAsync(runId, query, newest, cancel) is not { } range)
            return response;
        long width = PointGrid.WidthOf(range.First, range.Last, query.Points, 1);
        int unit = MetricRollup.Widths.LastOrDefault(one => one <= width, 1);
        var grid = new PointGrid(unit == 1 ? width : PointGrid.WidthOf(range.First, range.Last, query.Points, unit));
        if (unit == 1)
            await AddRecordsAsync(grid, runId, range, newest, cancel);
        else
            await AddRollupsAsync(grid, runId, range, newest.Open(unit), unit, cancel);
        grid.Widen(query.Points);
        response.StepsPerPoint = grid.Width;
        foreach (int metric in query.Metrics)
            response.Series.AddRange(grid.Series(metric));
        return response;
    }

    /// <returns>The steps that are of interest and that there are; null: there is none.</returns>
    private async Task<(long First, long Last)?> RangeAsync(string runId, MetricQuery query, MetricRollup newest, CancellationToken cancel)
    {
        var (first, last) = (long.MaxValue, 0L);
        if (await store.EndsAsync(runId, MetricRollup.Narrow, cancel) is { } ends)
            (first, last) = (ends.First * MetricRollup.Narrow + 1, (ends.Last + 1) * MetricRollup.Narrow);
        if (newest.Open(MetricRollup.Narrow) is { Summary: var open })
            (first, last) = (Math.Min(first, open.FirstStep), last == 0 ? open.LastStep : Math.Max(last, open.LastStep));
        (first, last) = (Math.Max(first, query.First), Math.Min(last, query.Last ?? long.MaxValue));
        return first <= last ? (first, last) : null;
    }

    private async Task AddRollupsAsync(
        PointGrid grid, string runId, (long First, long Last) range, OpenBucket? open, int width, CancellationToken cancel)
    {
        long first = OpenBucket.NumberOf(range.First, width), last = OpenBucket.NumberOf(range.Last, width);
        foreach (var row in await store.BetweenAsync(runId, width, first, last, cancel))
        {
            var summary = StepSummary.Parse(row.Summary);
            grid.Cell(row.Attempt, summary.LastStep).Add(summary);
        }
        if (open is not null && open.Number >= first && open.Number <= last)
            grid.Cell(open.Attempt, open.Summary.LastStep).Add(open.Summary);
    }

    private async Task AddRecordsAsync(
        PointGrid grid, string runId, (long First, long Last) range, MetricRollup newest, CancellationToken cancel)
    {
        long first = OpenBucket.NumberOf(range.First, MetricRollup.Narrow), last = OpenBucket.NumberOf(range.Last, MetricRollup.Narrow);
        var parts = (await store.SequencesAsync(runId, MetricRollup.Narrow, first, last, cancel)).ToList();
        if (newest.Open(MetricRollup.Narrow) is { } open && open.Number >= first && open.Number <= last)
            parts.Add((open.Attempt, open.FirstSequence, open.LastSequence));
        foreach (var (attempt, from, to) in Joined(parts))
        {
            foreach (var (_, recorded, record) in await store.RecordsAsync(runId, from, to, int.MaxValue, cancel))
            {
                if (StoredRecord.Parse(record).Step is { } step && IsIn(step.Step))
                    grid.Cell(attempt, step.Step).Add(step, recorded);
            }
        }

        bool IsIn(long step) => step >= range.First && step <= range.Last;
    }

    /// <summary>Parts of an attempt that follow each other are read at once.</summary>
    private static List<(long Attempt, long From, long To)> Joined(IEnumerable<(long Attempt, long From, long To)> parts)
    {
        var joined = new List<(long Attempt, long From, long To)>();
        foreach (var part in parts)
        {
            if (joined.Count > 0 && joined[^1].Attempt == part.Attempt)
                joined[^1] = joined[^1] with { To = part.To };
            else
                joined.Add(part);
        }
        return joined;
    }
}
