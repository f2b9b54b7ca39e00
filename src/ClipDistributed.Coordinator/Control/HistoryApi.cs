using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.History.Explanations;
using ClipDistributed.Coordinator.History.Logs;
using ClipDistributed.Coordinator.History.MetricQueries;
using ClipDistributed.Coordinator.Runs;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Control;

/// <summary>The gRPC service for what became of runs.</summary>
internal sealed class HistoryApi(
    RunTable table, MetricHistory metrics, RunExplainer explainer, LogReading logs, PacedStream streams) : HistoryService.HistoryServiceBase
{
    public override Task<QueryMetricsResponse> QueryMetrics(QueryMetricsRequest request, ServerCallContext context)
    {
        var query = MetricQuery.Of(request.Names, request.FirstStep, request.LastStep, request.Points);
        return metrics.QueryAsync(table.Find(request.RunId).Row.RunId, query, context.CancellationToken);
    }

    public override Task<ExplainRunResponse> ExplainRun(ExplainRunRequest request, ServerCallContext context) =>
        explainer.ExplainAsync(request.RunId, context.CancellationToken);

    public override Task ReadLogs(
        ReadLogsRequest request, IServerStreamWriter<ReadLogsResponse> responseStream, ServerCallContext context)
    {
        var query = LogQuery.Of(request);
        var run = table.Find(request.RunId);
        return streams.SendAsync(
            cancel => logs.ReadAsync(run, query, cancel).Select(entry => new ReadLogsResponse { Entry = entry }),
            responseStream,
            context.CancellationToken);
    }
}
