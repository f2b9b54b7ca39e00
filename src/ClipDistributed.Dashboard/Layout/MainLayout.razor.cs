using ClipDistributed.Dashboard.Sessions;
using Microsoft.AspNetCore.Components;

namespace ClipDistributed.Dashboard.Layout;

public sealed partial class MainLayout : LayoutComponentBase
{
    private Session? session;
    private bool finds, helps; // the palette, the help on keys, are open

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private string Path => $"/{Navigation.ToBaseRelativePath(Navigation.Uri)}";

    private string SkipTarget => $"{Path.Split('#')[0]}#content";

    private bool IsRun => Path.StartsWith("/runs/", StringComparison.Ordinal);

    protected override async Task OnInitializedAsync() => session = await Calls.SessionAsync();
}
