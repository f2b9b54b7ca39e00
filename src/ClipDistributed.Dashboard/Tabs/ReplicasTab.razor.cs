using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Dashboard.Feeds;
using Microsoft.AspNetCore.Components;

namespace ClipDistributed.Dashboard.Tabs;

public sealed partial class ReplicasTab : ComponentBase
{
    private const int PageSize = 100;

    [Parameter, EditorRequired]
    public RunDetail Detail { get; set; } = default!;

    /// <summary>The first replica that is shown.</summary>
    [SupplyParameterFromQuery]
    private int? From { get; set; }

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private Run Run => Detail.Run;

    private int First => Math.Clamp(From ?? 0, 0, Math.Max(0, Run.Replicas.Count - 1));

    private string Page(int first) =>
        Navigation.GetUriWithQueryParameter("from", first <= 0 ? null : (int?)first);

    /// <summary>How often the run lost replicas on a host and started others.</summary>
    private int Losses(string host) => Detail.Incidents.Count(one => one.Hosts.Contains(host) && one.Kind
        is IncidentKind.ReplicaFaulty or IncidentKind.HostLost or IncidentKind.ReplicaHung or IncidentKind.ReplicaLost);
}
