using ClipDistributed.Dashboard.Calls;
using ClipDistributed.Dashboard.Feeds;
using ClipDistributed.Dashboard.Parts;
using Grpc.Core;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace ClipDistributed.Dashboard.Comparing;

public sealed partial class ComparedCharts : ComponentBase
{
    private static readonly string[] Drawn = ["loss", "lr", "logit_scale", "grad_norm", "samples_per_second"];

    private readonly Dictionary<string, (ChartFeed Feed, long? Sent)> feeds = new(StringComparer.Ordinal); // and the step that is drawn
    private readonly CancellationTokenSource left = new();
    private readonly CancellationToken leaving;
    private ElementReference place;
    private IJSObjectReference? charts; // null: not drawn yet
    private CallProblem? problem;
    private bool isSending;

    public ComparedCharts() => leaving = left.Token;

    [Parameter, EditorRequired]
    public IReadOnlyList<ComparedRun> Runs { get; set; } = [];

    [SupplyParameterFromQuery]
    private string? X { get; set; }

    [SupplyParameterFromQuery(Name = "smooth")]
    private double? Smoothing { get; set; }

    [SupplyParameterFromQuery]
    private bool Log { get; set; }

    [Inject]
    internal ControlCalls Calls { get; set; } = default!;

    [Inject]
    private IJSRuntime Browser { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private bool IsBySamples => X == "samples";

    private double Smooth => Math.Clamp(Smoothing ?? 0.6, 0, 0.99);

    private object View => new
    {
        smooth = Smooth, log = Log, bySamples = IsBySamples, samplesPerStep = 0,
        runs = Runs.Select((run, at) => new { runId = run.RunId, color = $"--c{at + 1}", samplesPerStep = run.GlobalBatch }),
    };

    public async ValueTask DisposeAsync()
    {
        await left.CancelAsync();
        left.Dispose();
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

    protected override async Task OnParametersSetAsync()
    {
        if (charts is not null)
            await charts.InvokeVoidAsync("show", View);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await using var module = await Browser.InvokeAsync<IJSObjectReference>("import", BrowserFiles.Url("compare.js"));
            charts = await module.InvokeAsync<IJSObjectReference>("create", place, BrowserFiles.Url("echarts.common.min.js"), View);
        }
        await SendAsync();
    }

    /// <summary>What has not been drawn yet, run by run; what cannot be read now is tried with the next reading of the runs.</summary>
    private async Task SendAsync()
    {
        if (charts is null || isSending)
            return;
        isSending = true;
        try
        {
            CallProblem? found = null;
            foreach (var run in Runs.Where(run => run.Run is not null))
                found = await SendAsync(run.RunId, run.Run!.Step) ?? found;
            if (found != problem)
            {
                problem = found;
                StateHasChanged();
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or JSDisconnectedException
            || gone is RpcException && leaving.IsCancellationRequested)
        {
            // The page was left amid it.
        }
        finally
        {
            isSending = false;
        }
    }

    /// <returns>Null: the browser has it.</returns>
    private async Task<CallProblem?> SendAsync(string runId, long step)
    {
        var (feed, sent) = feeds.GetValueOrDefault(runId, (new ChartFeed(Calls, runId), null));
        if (sent == step)
            return null;
        if (step < sent)
            feed.Reset(); // it was rolled back: other steps follow now
        try
        {
            var data = await feed.ReadAsync(leaving);
            await charts!.InvokeVoidAsync("add", new CompareCurves(runId, data.IsWhole, data.Curves));
            feeds[runId] = (feed, step);
            return null;
        }
        catch (RpcException failed) when (!leaving.IsCancellationRequested)
        {
            return CallProblem.Of(failed);
        }
    }

    private void Go(string name, string? value) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(name, value), replace: true);
}
