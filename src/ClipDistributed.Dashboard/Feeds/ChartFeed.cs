using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Dashboard.Calls;

namespace ClipDistributed.Dashboard.Feeds;

/// <summary>
/// The curves of a run: once all of them, then what comes after; all of them again, in fewer points, as soon as a curve would have more
/// than a browser is to hold.
/// </summary>
internal sealed class ChartFeed(ControlCalls calls, string runId)
{
    public const int MaxPoints = 2000;

    private const int WholePoints = 1000;

    public static readonly IReadOnlyList<string> Names =
        ["loss", "lr", "logit_scale", "grad_norm", "samples_per_second", "time", .. StepPhases.Names.Select(StepPhases.Metric)];

    private long last; // step that the browser has; 0: none
    private long attempt;
    private int held; // points of a curve in the browser, at most

    public async Task<ChartData> ReadAsync(CancellationToken cancel)
    {
        if (last > 0 && await QueryAsync(last + 1, MaxPoints, cancel) is var more && !IsOther(more))
        {
            int added = more.Max(series => (int?)series.Points.Count) ?? 0;
            if (held + added <= MaxPoints)
                return Sent(false, more, added);
        }
        var all = await QueryAsync(0, WholePoints, cancel);
        last = held = 0;
        return Sent(true, all, all.GroupBy(series => series.Name).Max(one => (int?)one.Sum(series => series.Points.Count)) ?? 0);
    }

    /// <summary>What is read anew goes to a browser that has nothing.</summary>
    public void Reset() => last = held = 0;

    private async Task<IReadOnlyList<MetricSeries>> QueryAsync(long first, int points, CancellationToken cancel)
    {
        var history = await calls.HistoryAsync();
        var request = new QueryMetricsRequest { RunId = runId, Names = { Names }, FirstStep = first, Points = points };
        return (await history.QueryMetricsAsync(request, cancellationToken: cancel)).Series;
    }

    /// <summary>A later attempt goes back to steps that the browser has.</summary>
    private bool IsOther(IReadOnlyList<MetricSeries> more) => more.Any(series => series.Attempt != attempt);

    private ChartData Sent(bool isWhole, IReadOnlyList<MetricSeries> series, int added)
    {
        held += added;
        last = Math.Max(last, series.Max(one => one.Points.Max(point => (long?)point.LastStep)) ?? 0);
        attempt = series.Max(one => (long?)one.Attempt) ?? attempt;
        return new ChartData(isWhole, [.. series.Select(Show)]);
    }

    private static Curve Show(MetricSeries series) => new(
        series.Name,
        series.Attempt,
        [.. series.Points.Select(point => point.LastStep)],
        [.. series.Points.Select(point => !point.HasMean ? (double?)null : series.Name == "time" ? point.Last : point.Mean)]);
}
