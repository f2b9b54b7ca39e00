using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Dashboard.Feeds;

/// <summary>
/// One metric over all attempts: the points that led to the newest state. Of an attempt before the last one these are the steps that the
/// next one did not compute again.
/// </summary>
/// <param name="Kept">In the order of their steps.</param>
public sealed record Lineage(IReadOnlyList<MetricPoint> Kept)
{
    /// <param name="attempts">Of the same metric, in any order.</param>
    public static Lineage Of(IEnumerable<MetricSeries> attempts)
    {
        var kept = new List<MetricPoint>();
        foreach (var attempt in attempts.OrderBy(one => one.Attempt).Where(one => one.Points.Count > 0))
        {
            long first = attempt.Points[0].FirstStep;
            kept.RemoveAll(point => point.LastStep >= first);
            kept.AddRange(attempt.Points);
        }
        return new Lineage([.. kept.Where(point => point.HasMean)]);
    }
}
