using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Dashboard.Feeds;
using ClipDistributed.Dashboard.Pages;
using ClipDistributed.Dashboard.Shown;
using Microsoft.AspNetCore.Components;

namespace ClipDistributed.Dashboard.Settings;

public sealed partial class AuditPanel : LivePage
{
    private const int PageSize = 50;

    private LiveQuery<AuditList> query = default!;
    private CancellationTokenSource followed = new(); // ends when something else is shown
    private string? shown; // the address that is read
    private string owner = "", target = "";

    [SupplyParameterFromQuery]
    private string? Owner { get; set; }

    [SupplyParameterFromQuery]
    private string? Target { get; set; }

    /// <summary>The token of the page, as the one before it gave it; null: the newest one.</summary>
    [SupplyParameterFromQuery]
    private string? Page { get; set; }

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    protected override async Task OnParametersSetAsync()
    {
        string now = $"{Owner}\n{Target}\n{Page}";
        if (shown == now)
            return;
        (shown, owner, target) = (now, Owner ?? "", Target ?? "");
        await followed.CancelAsync();
        followed.Dispose();
        followed = CancellationTokenSource.CreateLinkedTokenSource(Left);
        var (begun, cancel) = (query = new LiveQuery<AuditList>(ReadAsync, RenderAsync, Clock, TimeSpan.FromSeconds(5)), followed.Token);
        await begun.ReadAsync(cancel);
        if (RendererInfo.IsInteractive && Page is null && !cancel.IsCancellationRequested) // older pages do not change
            Begin(_ => begun.RunAsync(cancel));
    }

    private static string RoleOf(AuditEntry entry) =>
        entry.Role == Role.Unspecified ? Quantity.None : entry.Role.ToString().ToLowerInvariant();

    private void Filter() => Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(new Dictionary<string, object?>
    {
        ["owner"] = Given(owner), ["target"] = Given(target), ["page"] = null,
    }));

    private static string? Given(string text) => text.Trim() is { Length: > 0 } given ? given : null;

    private async Task<AuditList> ReadAsync(CancellationToken cancel)
    {
        var admin = await Calls.AdminAsync();
        var request = new ListAuditEntriesRequest
        {
            Owner = Owner ?? "", Target = Target ?? "", PageToken = Page ?? "", PageSize = PageSize,
        };
        var response = await admin.ListAuditEntriesAsync(request, cancellationToken: cancel);
        return new AuditList(response.Entries, response.NextPageToken);
    }
}
