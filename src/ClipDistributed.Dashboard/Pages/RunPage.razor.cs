using ClipDistributed.Dashboard.Feeds;
using Microsoft.AspNetCore.Components;

namespace ClipDistributed.Dashboard.Pages;

public sealed partial class RunPage : LivePage
{
    private LiveQuery<RunDetail> query = default!;
    private CancellationTokenSource followed = new(); // ends when another run is shown
    private string read = ""; // the id of the run that is read

    [Parameter]
    public string RunId { get; set; } = "";

    /// <summary>Null: Overview.</summary>
    [Parameter]
    public string? Tab { get; set; }

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private string Address => $"/runs/{Uri.EscapeDataString(RunId)}";

    private string Shown => Tab ?? "";

    private string Link(string tab) => tab == "" ? Address : $"{Address}/{tab}";

    protected override async Task OnParametersSetAsync()
    {
        if (read == RunId)
            return;
        await followed.CancelAsync();
        followed.Dispose();
        followed = CancellationTokenSource.CreateLinkedTokenSource(Left);
        string id = read = RunId;
        var reader = new RunReader(Calls, id);
        var live = query = new LiveQuery<RunDetail>(
            reader.ReadAsync, RenderAsync, Clock, longest: TimeSpan.FromSeconds(5));
        var cancel = followed.Token;
        await live.ReadAsync(cancel);
        if (!RendererInfo.IsInteractive || cancel.IsCancellationRequested)
            return;
        Begin(_ => live.RunAsync(cancel));
        Begin(_ => new RunWatch(Calls, id, Clock).RunAsync(
            record =>
            {
                reader.OnRecord(record);
                live.Wake();
            },
            cancel));
    }
}
