using System.Collections.Concurrent;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Dashboard.Calls;
using Grpc.Core;

namespace ClipDistributed.Dashboard.Feeds;

/// <summary>The course of the loss of each run in a few dozen points: read again only where the run has moved on.</summary>
internal sealed class LossCurves(ControlCalls calls, TimeProvider time)
{
    private const int Points = 48;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(4);

    private readonly ConcurrentDictionary<string, (long Step, IReadOnlyList<double> Values)> known = new(StringComparer.Ordinal);

    /// <returns>Null: it has no steps, or has not been read yet.</returns>
    public IReadOnlyList<double>? Of(string runId) => known.TryGetValue(runId, out var curve) ? curve.Values : null;

    public async Task RunAsync(Func<IReadOnlyList<Run>> runs, Func<Task> changed, CancellationToken cancel)
    {
        while (true)
        {
            bool isNew = false;
            foreach (var run in runs().Where(IsNewer))
                isNew |= await TryReadAsync(run, cancel);
            if (isNew)
                await changed();
            await Task.Delay(Period, time, cancel);
        }
    }

    private bool IsNewer(Run run) => run.Step > 0 && !(known.TryGetValue(run.RunId, out var curve) && curve.Step == run.Step);

    /// <returns>False: it cannot be read now; the list of runs shows why.</returns>
    private async Task<bool> TryReadAsync(Run run, CancellationToken cancel)
    {
        try
        {
            var history = await calls.HistoryAsync();
            var request = new QueryMetricsRequest { RunId = run.RunId, Names = { "loss" }, Points = Points };
            var response = await history.QueryMetricsAsync(request, cancellationToken: cancel);
            known[run.RunId] = (run.Step, [.. Lineage.Of(response.Series).Kept.Select(point => point.Mean)]);
            return true;
        }
        catch (RpcException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }
}
