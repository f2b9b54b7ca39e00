using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.History.Explanations;
using ClipDistributed.Coordinator.History.MetricQueries;
using ClipDistributed.Coordinator.Runs;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Control;

/// <summary>The gRPC service for what became of runs.</summary>
internal sealed class HistoryApi(RunTable table, MetricHistory metrics, RunExplainer explainer) : HistoryService.HistoryServiceBase
{
    public override Task<QueryMetricsResponse> QueryMetrics(QueryMetricsRequest request, ServerCallContext context)
    {
        var query = MetricQuery.Of(request.Names, request.FirstStep, request.LastStep, request.Points);
        return metrics.QueryAsync(table.Find(request.RunId).Row.RunId, query, context.CancellationToken);
    }

    public override Task<ExplainRunResponse> ExplainRun(ExplainRunRequest request, ServerCallContext context) =>
        explainer.ExplainAsync(request.RunId, context.CancellationToken);
}
