using ClipDistributed.Dashboard.Feeds;
using Microsoft.AspNetCore.Components;

namespace ClipDistributed.Dashboard.Pages;

public sealed partial class RunPage : LivePage
{
    private LiveQuery<RunDetail> query = default!;
    private string shown = ""; // the run that is read

    [Parameter]
    public string RunId { get; set; } = "";

    /// <summary>Null: Overview.</summary>
    [Parameter]
    public string? Tab { get; set; }

    private string Address => $"/runs/{Uri.EscapeDataString(RunId)}";

    private bool IsCharts => Tab == "charts";

    protected override async Task OnParametersSetAsync()
    {
        if (shown == RunId)
            return;
        shown = RunId;
        var reader = new RunReader(Calls, RunId);
        var (id, first) = (RunId, new LiveQuery<RunDetail>(reader.ReadAsync, RenderAsync, Clock, longest: TimeSpan.FromSeconds(5)));
        query = first;
        await first.ReadAsync(Left);
        if (RendererInfo.IsInteractive && shown == id)
        {
            Begin(first.RunAsync);
            Begin(cancel => new RunWatch(Calls, id, Clock).RunAsync(_ => first.Wake(), cancel));
        }
    }
}
