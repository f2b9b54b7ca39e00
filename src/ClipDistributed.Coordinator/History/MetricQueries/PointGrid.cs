using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Coordinator.History.MetricQueries;

/// <summary>
/// The points of an answer. Its cells begin at multiples of their width whatever was asked for: a run that goes on keeps its points.
/// </summary>
internal sealed class PointGrid(long width)
{
    private readonly SortedDictionary<(long Attempt, long Cell), StepSummary> cells = [];

    public long Width { get; private set; } = width;

    /// <summary>The narrowest width by which a range has so many cells at most.</summary>
    /// <param name="unit">The width is a multiple of it.</param>
    public static long WidthOf(long first, long last, int points, long unit)
    {
        long width = Math.Max(1, (last - first) / points / unit) * unit;
        while (OpenBucket.NumberOf(last, width) - OpenBucket.NumberOf(first, width) + 1 > points)
            width += unit;
        return width;
    }

    /// <summary>The cell that a step of an attempt belongs to.</summary>
    public StepSummary Cell(long attempt, long step)
    {
        var at = (attempt, OpenBucket.NumberOf(step, Width));
        if (!cells.TryGetValue(at, out var cell))
            cells[at] = cell = new StepSummary();
        return cell;
    }

    /// <summary>Several attempts may have steps of the same range: as long as all have too many cells together, they are widened.</summary>
    public void Widen(int points)
    {
        while (cells.Count > points && cells.Keys.DistinctBy(cell => cell.Attempt).Count() < cells.Count)
        {
            var narrower = cells.ToList();
            cells.Clear();
            Width *= 2;
            foreach (var (at, summary) in narrower)
                Cell(at.Attempt, summary.LastStep).Add(summary);
        }
    }

    /// <summary>By attempt; those that have no value are left out.</summary>
    public IEnumerable<MetricSeries> Series(int metric)
    {
        foreach (var attempt in cells.GroupBy(cell => cell.Key.Attempt))
        {
            var series = new MetricSeries { Name = MetricFields.Names[metric], Attempt = attempt.Key };
            series.Points.AddRange(attempt.Select(cell => cell.Value.Point(metric)).OfType<MetricPoint>());
            if (series.Points.Count > 0)
                yield return series;
        }
    }
}
