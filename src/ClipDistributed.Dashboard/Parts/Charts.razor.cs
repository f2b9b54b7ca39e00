using ClipDistributed.Dashboard.Calls;
using ClipDistributed.Dashboard.Feeds;
using Grpc.Core;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace ClipDistributed.Dashboard.Parts;

public sealed partial class Charts : ComponentBase
{
    private static readonly IReadOnlyDictionary<string, string> Titles = new Dictionary<string, string>
    {
        ["loss"] = "Loss", ["lr"] = "Learning rate", ["logit_scale"] = "Logit scale", ["grad_norm"] = "Gradient norm",
        ["samples_per_second"] = "Samples/s",
    };

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource left = new();
    private readonly CancellationToken leaving;
    private ElementReference place;
    private IJSObjectReference? charts; // null: not drawn yet
    private ChartFeed feed = default!;
    private CallProblem? problem;
    private long? sent; // the version that the browser has
    private bool isSending;

    public Charts() => leaving = left.Token; // the source gives none when it is disposed of

    [Parameter, EditorRequired]
    public string RunId { get; set; } = "";

    /// <summary>0: not known.</summary>
    [Parameter, EditorRequired]
    public long GlobalBatch { get; set; }

    /// <summary>Another one: there is more to draw.</summary>
    [Parameter, EditorRequired]
    public long Version { get; set; }

    [SupplyParameterFromQuery]
    private string? X { get; set; }

    [SupplyParameterFromQuery(Name = "smooth")]
    private double? Smoothing { get; set; }

    [SupplyParameterFromQuery]
    private bool Log { get; set; }

    [Inject]
    internal ControlCalls Calls { get; set; } = default!;

    [Inject]
    private TimeProvider Clock { get; set; } = default!;

    [Inject]
    private IJSRuntime Browser { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private bool IsBySamples => X == "samples" && GlobalBatch > 0;

    private double Smooth => Math.Clamp(Smoothing ?? 0.6, 0, 0.99);

    private object View => new { smooth = Smooth, log = Log, samplesPerStep = IsBySamples ? GlobalBatch : 0 };

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

    protected override void OnInitialized() => feed = new ChartFeed(Calls, RunId);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await using var module = await Browser.InvokeAsync<IJSObjectReference>("import", BrowserFiles.Url("charts.js"));
            charts = await module.InvokeAsync<IJSObjectReference>("create", place, BrowserFiles.Url("echarts.common.min.js"), View);
        }
        await SendAsync();
    }

    protected override async Task OnParametersSetAsync()
    {
        if (charts is not null)
            await charts.InvokeVoidAsync("show", View);
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
                    await Task.Delay(Pause, Clock, leaving);
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
            var data = await feed.ReadAsync(leaving);
            await charts!.InvokeVoidAsync("add", data);
            sent = version;
            return null;
        }
        catch (RpcException failed) when (!leaving.IsCancellationRequested)
        {
            return CallProblem.Of(failed);
        }
    }

    private void OnSmooth(ChangeEventArgs change) => Go("smooth", change.Value as string);

    /// <summary>The view is in the address, so that a link opens the same one.</summary>
    private void Go(string name, string? value) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(name, value), replace: true);
}
