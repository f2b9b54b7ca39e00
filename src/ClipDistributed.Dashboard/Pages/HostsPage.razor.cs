using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Dashboard.Feeds;
using ClipDistributed.Dashboard.Shown;
using ClipDistributed.Dashboard.Tables;
using Microsoft.AspNetCore.Components;

namespace ClipDistributed.Dashboard.Pages;

public sealed partial class HostsPage : LivePage
{
    private LiveQuery<HostList> query = default!;
    private IReadOnlyList<TableColumn<Host>>? columns;

    [SupplyParameterFromQuery]
    private string? Sort { get; set; }

    [SupplyParameterFromQuery(Name = "columns")]
    private string? ChosenColumns { get; set; }

    private TableView View => new(Sort, ChosenColumns);

    protected override Task OnInitializedAsync()
    {
        query = new LiveQuery<HostList>(ReadAsync, RenderAsync, Clock, longest: TimeSpan.FromSeconds(1));
        return query.ReadAsync(Left);
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
            Begin(query.RunAsync);
    }

    /// <summary>Of a host that takes no replicas none is.</summary>
    internal static int Free(Host host) => host.Lost is not null || host.Drained || host.Quarantine != ""
        ? 0
        : host.Devices.Count(device => device.ReplicaId == "" && device.Fault == "");

    /// <summary>Why it gets no replicas, or cannot connect again.</summary>
    private static string Reason(Host host) => host.Quarantine != "" ? host.Quarantine : host.Refusal;

    private string Connected(Host host) =>
        host.Connected is { } at ? Quantity.Age(at.ToDateTimeOffset(), Clock.GetUtcNow()) : Quantity.None;

    private async Task<HostList> ReadAsync(CancellationToken cancel)
    {
        var control = await Calls.ControlAsync();
        var hosts = new List<Host>();
        var request = new ListHostsRequest { PageSize = 1000 };
        do
        {
            var response = await control.ListHostsAsync(request, cancellationToken: cancel);
            hosts.AddRange(response.Hosts);
            request.PageToken = response.NextPageToken;
        }
        while (request.PageToken != "");
        return new HostList(hosts);
    }
}
