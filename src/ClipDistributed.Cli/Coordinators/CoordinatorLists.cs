using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using Grpc.Core;

namespace ClipDistributed.Cli.Coordinators;

/// <summary>Whole lists, which a coordinator sends in pages.</summary>
internal static class CoordinatorLists
{
    private const int PageSize = 1_000;

    /// <summary>Newest first.</summary>
    public static Task<IReadOnlyList<Job>> JobsAsync(this CoordinatorClient coordinator, CancellationToken cancel) =>
        AllAsync<ListJobsResponse, Job>(
            coordinator,
            (control, token) => control.ListJobsAsync(new ListJobsRequest { PageSize = PageSize, PageToken = token }),
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
    public static Task<IReadOnlyList<Host>> HostsAsync(this CoordinatorClient coordinator, CancellationToken cancel) =>
        AllAsync<ListHostsResponse, Host>(
            coordinator,
            (control, token) => control.ListHostsAsync(new ListHostsRequest { PageSize = PageSize, PageToken = token }),
            page => (page.Hosts, page.NextPageToken),
            cancel);

    private static async Task<IReadOnlyList<TItem>> AllAsync<TPage, TItem>(
        CoordinatorClient coordinator,
        Func<ControlService.ControlServiceClient, string, AsyncUnaryCall<TPage>> ask,
        Func<TPage, (IEnumerable<TItem> Items, string Next)> open,
        CancellationToken cancel)
    {
        var all = new List<TItem>();
        string token = "";
        do
        {
            string from = token;
            (var items, token) = open(await coordinator.AskAsync(control => ask(control, from), cancel));
            all.AddRange(items);
        }
        while (token != "");
        return all;
    }
}
