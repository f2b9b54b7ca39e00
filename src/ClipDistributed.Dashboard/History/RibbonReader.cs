using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Dashboard.Calls;

namespace ClipDistributed.Dashboard.History;

/// <summary>Reads what the time of a run went into.</summary>
internal sealed class RibbonReader(ControlCalls calls, string runId)
{
    private const int Points = 400;

    /// <returns>Of all attempts, in the order in which they were recorded.</returns>
    public async Task<IReadOnlyList<StepSpan>> ReadAsync(CancellationToken cancel)
    {
        var history = await calls.HistoryAsync();
        var request = new QueryMetricsRequest { RunId = runId, Names = { "time", "seconds", "split.data" }, Points = Points };
        var series = (await history.QueryMetricsAsync(request, cancellationToken: cancel)).Series;
        var at = series.SelectMany(one => one.Points.Select(point => (one.Name, one.Attempt, Point: point)))
            .ToDictionary(one => (one.Name, one.Attempt, one.Point.FirstStep), one => one.Point);
        return
        [
            .. at.Where(one => one.Key.Name == "time").Select(one => new StepSpan(
                DateTime.UnixEpoch.AddSeconds(one.Value.Last), Sum("seconds", one.Key), Sum("split.data", one.Key)))
                .OrderBy(span => span.Until),
        ];

        double Sum(string name, (string Name, long Attempt, long First) key) =>
            at.GetValueOrDefault((name, key.Attempt, key.First)) is { HasMean: true } point ? point.Mean * point.Count : 0;
    }
}
