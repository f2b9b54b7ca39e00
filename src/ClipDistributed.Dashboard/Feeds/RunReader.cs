using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Dashboard.Calls;
using Grpc.Core;

namespace ClipDistributed.Dashboard.Feeds;

/// <summary>Reads what the first page of a run shows.</summary>
internal sealed class RunReader(ControlCalls calls, string runId)
{
    private const int LastSteps = 64;

    private long? batch;

    public async Task<RunDetail> ReadAsync(CancellationToken cancel)
    {
        var control = await calls.ControlAsync();
        var history = await calls.HistoryAsync();
        var run = (await control.GetRunAsync(new GetRunRequest { RunId = runId }, cancellationToken: cancel)).Run;
        var explaining = history.ExplainRunAsync(new ExplainRunRequest { RunId = runId }, cancellationToken: cancel);
        var speed = SpeedAsync(history, run, cancel);
        var checkpoint = CheckpointAsync(cancel);
        batch ??= await BatchAsync(control, run, cancel);
        return new RunDetail(run, batch.Value, (await explaining).Explanations, await checkpoint, await speed);
    }

    private static async Task<long> BatchAsync(ControlService.ControlServiceClient control, Run run, CancellationToken cancel) =>
        (await control.GetJobAsync(new GetJobRequest { JobId = run.JobId }, cancellationToken: cancel)).Job.Spec.Batch is { } rows
            ? (long)rows.Global : 0;

    private static async Task<RunSpeed?> SpeedAsync(HistoryService.HistoryServiceClient history, Run run, CancellationToken cancel)
    {
        if (run.Step == 0)
            return null;
        var request = new QueryMetricsRequest
        {
            RunId = run.RunId, Names = { "samples_per_second", "seconds" }, FirstStep = Math.Max(1, run.Step - LastSteps), Points = 4,
        };
        var series = (await history.QueryMetricsAsync(request, cancellationToken: cancel)).Series.ToLookup(one => one.Name);
        return Mean(series["samples_per_second"]) is { } speed && Mean(series["seconds"]) is { } seconds
            ? new RunSpeed(speed, seconds) : null;
    }

    /// <returns>Over the last attempt's steps; null: there are none.</returns>
    private static double? Mean(IEnumerable<MetricSeries> attempts)
    {
        var points = attempts.MaxBy(one => one.Attempt)?.Points.Where(point => point.HasMean).ToList();
        return points is { Count: > 0 } ? points.Sum(point => point.Mean * point.Count) / points.Sum(point => point.Count) : null;
    }

    private async Task<Checkpoint?> CheckpointAsync(CancellationToken cancel)
    {
        try
        {
            var checkpoints = await calls.CheckpointsAsync();
            var response = await checkpoints.ListCheckpointsAsync(
                new ListCheckpointsRequest { RunId = runId, PageSize = 10 }, cancellationToken: cancel);
            return response.Checkpoints.FirstOrDefault(one => !one.Abandoned);
        }
        catch (RpcException failed) when (failed.StatusCode == StatusCode.Unavailable && !cancel.IsCancellationRequested)
        {
            return null; // S3 does not answer; the run itself can be shown
        }
    }
}
