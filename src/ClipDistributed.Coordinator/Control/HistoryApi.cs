using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Control.Lists;
using ClipDistributed.Coordinator.History.Artefacts;
using ClipDistributed.Coordinator.History.Explanations;
using ClipDistributed.Coordinator.History.Logs;
using ClipDistributed.Coordinator.History.MetricQueries;
using ClipDistributed.Coordinator.Runs;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Control;

/// <summary>The gRPC service for what became of runs.</summary>
internal sealed class HistoryApi(
    RunTable table, MetricHistory metrics, RunExplainer explainer, LogReading logs, PacedStream streams, ArtefactStreams artefacts)
    : HistoryService.HistoryServiceBase
{
    private static readonly ListOrder<Artefact> ArtefactOrder = new("name", artefact => artefact.Name, NewestFirst: false);

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
            run.Row.RunId,
            cancel => logs.ReadAsync(run, query, cancel).Select(entry => new ReadLogsResponse { Entry = entry }),
            responseStream.WriteAsync,
            context.CancellationToken);
    }

    public override Task<ListArtefactsResponse> ListArtefacts(ListArtefactsRequest request, ServerCallContext context)
    {
        var all = ArtefactFolder.List(table.Find(request.RunId).Row.RunDirectory)
            .Where(artefact => artefact.Name.StartsWith(request.Prefix, StringComparison.Ordinal));
        var asked = new PageRequest(request.PageSize, request.PageToken, request.OrderBy, $"{request.RunId} {request.Prefix}");
        var page = Page.Of(all, ArtefactOrder, asked);
        return Task.FromResult(new ListArtefactsResponse { Artefacts = { page.Items }, NextPageToken = page.Next });
    }

    public override Task ReadArtefact(
        ReadArtefactRequest request, IServerStreamWriter<ReadArtefactResponse> responseStream, ServerCallContext context) =>
        artefacts.SendAsync(table.Find(request.RunId), request, responseStream, context);
}
