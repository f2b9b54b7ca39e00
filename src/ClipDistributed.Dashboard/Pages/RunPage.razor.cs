using ClipDistributed.Dashboard.Feeds;
using Microsoft.AspNetCore.Components;

namespace ClipDistributed.Dashboard.Pages;

public sealed partial class RunPage : LivePage
{
    private LiveQuery<RunDetail> query = default!;
    private CancellationTokenSource followed = new(); // ends when another run is shown
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
        await followed.CancelAsync();
        followed.Dispose();
        followed = CancellationTokenSource.CreateLinkedTokenSource(Left);
        string id = shown = RunId;
        var reader = new RunReader(Calls, id);
        var read = query = new LiveQuery<RunDetail>(
            reader.ReadAsync, RenderAsync, Clock, longest: TimeSpan.FromSeconds(5));
        var cancel = followed.Token;
        await read.ReadAsync(cancel);
        if (!RendererInfo.IsInteractive || cancel.IsCancellationRequested)
            return;
        Begin(_ => read.RunAsync(cancel));
        Begin(_ => new RunWatch(Calls, id, Clock).RunAsync(
            record =>
            {
                reader.OnRecord(record);
                read.Wake();
            },
            cancel));
    }
}
