using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using Grpc.Core;

namespace ClipDistributed.Cli.Coordinators;

/// <summary>Whole lists, which a coordinator sends in pages.</summary>
internal static class CoordinatorLists
{
    private const int PageSize = 1_000;

    /// <summary>Newest first.</summary>
    public static Task<IReadOnlyList<Job>> JobsAsync(
        this CoordinatorClient coordinator, ListJobsRequest request, CancellationToken cancel) =>
        AllAsync<ListJobsResponse, Job>(
            coordinator,
            (control, token) => control.ListJobsAsync(new ListJobsRequest(request) { PageSize = PageSize, PageToken = token }),
            page => (page.Jobs, page.NextPageToken),
            cancel);

    /// <summary>Newest first.</summary>
    public static Task<IReadOnlyList<Run>> RunsAsync(
        this CoordinatorClient coordinator, ListRunsRequest request, CancellationToken cancel) =>
        AllAsync<ListRunsResponse, Run>(
            coordinator,
            (control, token) => control.ListRunsAsync(new ListRunsRequest(request) { PageSize = PageSize, PageToken = token }),
            page => (page.Runs, page.NextPageToken),
            cancel);

    /// <summary>By name.</summary>
    public static Task<IReadOnlyList<Host>> HostsAsync(
        this CoordinatorClient coordinator, ListHostsRequest request, CancellationToken cancel) =>
        AllAsync<ListHostsResponse, Host>(
            coordinator,
            (control, token) => control.ListHostsAsync(new ListHostsRequest(request) { PageSize = PageSize, PageToken = token }),
            page => (page.Hosts, page.NextPageToken),
            cancel);

    /// <summary>Newest first.</summary>
    public static Task<IReadOnlyList<Token>> TokensAsync(this CoordinatorClient coordinator, CancellationToken cancel) =>
        AllAsync<ListTokensResponse, Token>(
            coordinator,
            (calls, token) => new AdminService.AdminServiceClient(calls).ListTokensAsync(
                new ListTokensRequest { PageSize = PageSize, PageToken = token }),
            page => (page.Tokens, page.NextPageToken),
            cancel);

    /// <summary>Newest first.</summary>
    /// <param name="max">Entries at most.</param>
    public static Task<IReadOnlyList<AuditEntry>> AuditAsync(
        this CoordinatorClient coordinator, ListAuditEntriesRequest request, int max, CancellationToken cancel) =>
        AllAsync<ListAuditEntriesResponse, AuditEntry>(
            coordinator,
            (calls, token) => new AdminService.AdminServiceClient(calls).ListAuditEntriesAsync(
                new ListAuditEntriesRequest(request) { PageSize = Math.Min(PageSize, max), PageToken = token }),
            page => (page.Entries, page.NextPageToken),
            cancel,
            max);

    public static Task<IReadOnlyList<Checkpoint>> CheckpointsAsync(
        this CoordinatorClient coordinator, string runId, CancellationToken cancel) =>
        AllAsync<ListCheckpointsResponse, Checkpoint>(
            coordinator,
            (calls, token) => new CheckpointService.CheckpointServiceClient(calls).ListCheckpointsAsync(
                new ListCheckpointsRequest { RunId = runId, PageSize = PageSize, PageToken = token }),
            page => (page.Checkpoints, page.NextPageToken),
            cancel);

    /// <summary>By name.</summary>
    public static Task<IReadOnlyList<Artefact>> ArtefactsAsync(
        this CoordinatorClient coordinator, string runId, CancellationToken cancel) =>
        AllAsync<ListArtefactsResponse, Artefact>(
            coordinator,
            (calls, token) => new HistoryService.HistoryServiceClient(calls).ListArtefactsAsync(
                new ListArtefactsRequest { RunId = runId, PageSize = PageSize, PageToken = token }),
            page => (page.Artefacts, page.NextPageToken),
            cancel);

    private static Task<IReadOnlyList<TItem>> AllAsync<TPage, TItem>(
        CoordinatorClient coordinator,
        Func<ControlService.ControlServiceClient, string, AsyncUnaryCall<TPage>> ask,
        Func<TPage, (IEnumerable<TItem> Items, string Next)> open,
        CancellationToken cancel) =>
        AllAsync<TPage, TItem>(
            coordinator, (CallInvoker calls, string from) => ask(new ControlService.ControlServiceClient(calls), from), open, cancel);

    private static async Task<IReadOnlyList<TItem>> AllAsync<TPage, TItem>(
        CoordinatorClient coordinator,
        Func<CallInvoker, string, AsyncUnaryCall<TPage>> ask,
        Func<TPage, (IEnumerable<TItem> Items, string Next)> open,
        CancellationToken cancel,
        int max = int.MaxValue)
    {
        var all = new List<TItem>();
        string token = "";
        do
        {
            string from = token;
            (var items, token) = open(await coordinator.CallAsync(calls => ask(calls, from), cancel));
            all.AddRange(items.Take(max - all.Count));
        }
        while (token != "" && all.Count < max);
        return all;
    }
}
