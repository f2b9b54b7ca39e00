using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Dashboard.Calls;
using Grpc.Core;

namespace ClipDistributed.Dashboard.Feeds;

/// <summary>Reads what the first page of a run shows.</summary>
internal sealed class RunReader(ControlCalls calls, string runId)
{
    private const int LastSteps = 64;

    private TrainingSpec? spec;
    private Checkpoint? newest; // null: there is none, or its place does not answer
    private int isOld = 1; // 0: that is the newest checkpoint still

    /// <summary>Only some records go with other checkpoints: their place is not asked with each step.</summary>
    /// <param name="record">Null: the run's state is another.</param>
    public void OnRecord(RunRecord? record)
    {
        if (record is null or { Started: not null } or { Checkpoint: not null } or { CheckpointSent: not null })
            Interlocked.Exchange(ref isOld, 1);
    }

    public async Task<RunDetail> ReadAsync(CancellationToken cancel)
    {
        var control = await calls.ControlAsync();
        var history = await calls.HistoryAsync();
        var response = await control.GetRunAsync(new GetRunRequest { RunId = runId }, cancellationToken: cancel);
        var run = response.Run;
        var explaining = history.ExplainRunAsync(new ExplainRunRequest { RunId = runId }, cancellationToken: cancel);
        var speed = SpeedAsync(history, run, cancel);
        var checkpoint = CheckpointAsync(cancel);
        spec ??= (await control.GetJobAsync(new GetJobRequest { JobId = run.JobId }, cancellationToken: cancel)).Job.Spec;
        var detail = new RunDetail(run)
        {
            Spec = spec,
            Explained = (await explaining).Explanations,
            Incidents = response.Incidents,
            Checkpoint = await checkpoint,
            Speed = await speed,
            LastSequence = response.LastSequence,
        };
        return detail.Speed is { SecondsPerStep: > 0 } last && detail.GlobalBatch > 0
            ? detail with { Speed = last with { SamplesPerSecond = detail.GlobalBatch / last.SecondsPerStep } } // not the mean of speeds
            : detail;
    }

    private static async Task<RunSpeed?> SpeedAsync(HistoryService.HistoryServiceClient history, Run run, CancellationToken cancel)
    {
        if (run.Step == 0)
            return null;
        var request = new QueryMetricsRequest
        {
            RunId = run.RunId, FirstStep = Math.Max(1, run.Step - LastSteps), Points = 4,
            Names = { "samples_per_second", "seconds", StepPhases.Names.Select(StepPhases.Metric) },
        };
        var series = (await history.QueryMetricsAsync(request, cancellationToken: cancel)).Series.ToLookup(one => one.Name);
        return Mean(series["samples_per_second"]) is { } speed && Mean(series["seconds"]) is { } seconds
            ? new RunSpeed(speed, seconds, Split(series)) : null;
    }

    private static Dictionary<string, double> Split(ILookup<string, MetricSeries> series)
    {
        var split = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (string phase in StepPhases.Names)
        {
            if (Mean(series[StepPhases.Metric(phase)]) is { } seconds)
                split[phase] = seconds;
        }
        return split;
    }

    /// <returns>Over the last attempt's steps; null: there are none.</returns>
    private static double? Mean(IEnumerable<MetricSeries> attempts)
    {
        var points = attempts.MaxBy(one => one.Attempt)?.Points.Where(point => point.HasMean).ToList();
        return points is { Count: > 0 } ? points.Sum(point => point.Mean * point.Count) / points.Sum(point => point.Count) : null;
    }

    private async Task<Checkpoint?> CheckpointAsync(CancellationToken cancel)
    {
        if (Interlocked.Exchange(ref isOld, 0) == 0)
            return newest;
        bool isRead = false;
        try
        {
            var checkpoints = await calls.CheckpointsAsync();
            var response = await checkpoints.ListCheckpointsAsync(
                new ListCheckpointsRequest { RunId = runId, PageSize = 10 }, cancellationToken: cancel);
            isRead = true;
            return newest = response.Checkpoints.FirstOrDefault(one => !one.Abandoned);
        }
        catch (RpcException failed) when (failed.StatusCode == StatusCode.Unavailable && !cancel.IsCancellationRequested)
        {
            return newest = null; // S3 does not answer; the run itself can be shown
        }
        finally
        {
            if (!isRead)
                Interlocked.Exchange(ref isOld, 1);
        }
    }
}
