using ClipDistributed.Dashboard.Calls;
using ClipDistributed.Dashboard.Feeds;
using ClipDistributed.Dashboard.History;
using Grpc.Core;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace ClipDistributed.Dashboard.Parts;

public sealed partial class Charts
{
    private static readonly IReadOnlyList<(string Name, string Title)> Titles =
    [
        ("loss", "Loss"), ("zeroshot", "Zero-shot accuracy, top 1"), ("retrieval", "Retrieval, recall at 1"),
        ("samples_per_second", "Samples/s"), ("split", "Time of a step, seconds"), ("grad_norm", "Gradient norm"),
        ("lr", "Learning rate"), ("logit_scale", "Logit scale"),
    ];

    internal static string TitleOf(string metric) => Titles.First(one => one.Name == metric).Title;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private ElementReference place;
    private IJSObjectReference? charts; // null: not drawn yet
    private ChartFeed feed = default!;
    private CallProblem? problem;
    private long? sent; // the version that the browser has
    private bool isSending;
    private RunEvents events = default!;
    private (long Records, int Incidents)? sentEvents; // that the browser has

    [Parameter, EditorRequired]
    public RunDetail Detail { get; set; } = default!;

    [SupplyParameterFromQuery]
    private string? X { get; set; }

    [SupplyParameterFromQuery(Name = "smooth")]
    private double? Smoothing { get; set; }

    [SupplyParameterFromQuery]
    private bool Log { get; set; }

    /// <summary>Null: they are shown.</summary>
    [SupplyParameterFromQuery(Name = "events")]
    private bool? Marks { get; set; }

    /// <summary>A regular expression of names.</summary>
    [SupplyParameterFromQuery(Name = "charts")]
    private string? Charted { get; set; }

    [Inject]
    private IJSRuntime Browser { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private string RunId => Detail.Run.RunId;

    private long GlobalBatch => Detail.GlobalBatch;

    /// <summary>Another one: there is more to draw.</summary>
    private long Version => Detail.Run.Step;

    private IEnumerable<(string Key, string Name)> Axes => GlobalBatch > 0
        ? [("step", "Steps"), ("samples", "Samples"), ("relative", "Duration"), ("time", "Time")]
        : [("step", "Steps"), ("relative", "Duration"), ("time", "Time")];

    private string Axis => Axes.Any(one => one.Key == X) ? X! : "step";

    private bool HasMarks => Marks ?? true;

    private double Smooth => Math.Clamp(Smoothing ?? 0.6, 0, 0.99);

    private object View => new
    {
        smooth = Smooth, log = Log, axis = Axis, samplesPerStep = GlobalBatch, marks = HasMarks, filter = Charted ?? "",
    };

    public async ValueTask DisposeAsync()
    {
        Dispose();
        try
        {
            if (charts is not null)
            {
                await charts.InvokeVoidAsync("dispose");
                await charts.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser has gone, and its charts with it.
        }
    }

    protected override void OnInitialized()
    {
        feed = new ChartFeed(Calls, RunId);
        events = new RunEvents(Calls, RunId, Clock);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await using var module = await Browser.InvokeAsync<IJSObjectReference>("import", BrowserFiles.Url("charts.js"));
            charts = await module.InvokeAsync<IJSObjectReference>("create", place, BrowserFiles.Url("echarts.common.min.js"), View);
            Begin(cancel => events.RunAsync(() => { }, cancel));
            Begin(SendEventsAsync);
        }
        await SendAsync();
    }

    protected override async Task OnParametersSetAsync()
    {
        if (charts is not null)
            await charts.InvokeVoidAsync("show", View);
    }

    private async Task SendEventsAsync(CancellationToken cancel)
    {
        for (; ; await Task.Delay(Pause, Clock, cancel))
        {
            var newest = (events.Last, Detail.Incidents.Count);
            if (newest == sentEvents)
                continue;
            sentEvents = newest;
            var data = ChartEvents.Of(events.All, Detail.Incidents);
            try
            {
                await InvokeAsync(() => charts!.InvokeVoidAsync("addEvents", cancel, data).AsTask());
            }
            catch (JSDisconnectedException)
            {
                return; // the browser has gone
            }
        }
    }

    /// <summary>One after the other, and the newest at last.</summary>
    private async Task SendAsync()
    {
        if (charts is null || isSending || sent == Version || problem is { IsFinal: true })
            return;
        isSending = true;
        try
        {
            while (sent != Version)
            {
                var before = problem;
                problem = await SendAsync(Version);
                if (problem != before)
                    StateHasChanged();
                if (problem is { IsFinal: true })
                    return;
                if (problem is not null)
                    await Task.Delay(Pause, Clock, Left);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or RpcException or JSDisconnectedException)
        {
            // The page was left amid it.
        }
        finally
        {
            isSending = false;
        }
    }

    /// <returns>Null: the browser has it.</returns>
    private async Task<CallProblem?> SendAsync(long version)
    {
        if (version < sent)
            feed.Reset(); // it was rolled back: other steps follow now
        try
        {
            var data = await feed.ReadAsync(Left);
            await charts!.InvokeVoidAsync("add", data);
            sent = version;
            return null;
        }
        catch (RpcException failed) when (!Left.IsCancellationRequested)
        {
            return CallProblem.Of(failed);
        }
    }

    private void OnSmooth(ChangeEventArgs change) => Go("smooth", change.Value as string);

    /// <summary>The view is in the address, so that a link opens the same one.</summary>
    private void Go(string name, string? value) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(name, value), replace: true);
}
