using System.Globalization;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Dashboard.Calls;
using ClipDistributed.Dashboard.Feeds;
using Microsoft.AspNetCore.Components;

namespace ClipDistributed.Dashboard.Parts;

public sealed partial class PredictionsTab : ComponentBase
{
    private const string Fields = """
        data:
          validation: [{path: my/held-out}]
        evaluate:
          every_steps: 200
          zeroshot: {classes: classes.txt, templates: templates.txt}
        """;

    private readonly CancellationTokenSource left = new();
    private readonly CancellationToken leaving;
    private LiveQuery<PredictionList> query = default!;
    private PredictionFeed feed = default!;
    private (long Step, RunState State) seen; // of the run when it was looked at last

    public PredictionsTab() => leaving = left.Token; // the source gives none when it is disposed of

    [Parameter, EditorRequired]
    public RunDetail Detail { get; set; } = default!;

    /// <summary>Null: the newest one.</summary>
    [SupplyParameterFromQuery]
    private long? Step { get; set; }

    [Inject]
    internal ControlCalls Calls { get; set; } = default!;

    [Inject]
    private TimeProvider Clock { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private Run Run => Detail.Run;

    public void Dispose()
    {
        left.Cancel();
        left.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        feed = new PredictionFeed(Calls, Run);
        seen = (Run.Step, Run.State);
        query = new LiveQuery<PredictionList>(feed.ReadAsync, RenderAsync, Clock, longest: TimeSpan.FromSeconds(30));
        await query.ReadAsync(leaving);
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
            _ = FollowAsync();
    }

    protected override void OnParametersSet()
    {
        if (seen == (Run.Step, Run.State))
            return;
        seen = (Run.Step, Run.State);
        query.Wake(); // an evaluation may have come
    }

    private async Task FollowAsync()
    {
        try
        {
            await query.RunAsync(leaving);
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            await DispatchExceptionAsync(failed);
        }
    }

    private Task RenderAsync() => leaving.IsCancellationRequested ? Task.CompletedTask : InvokeAsync(StateHasChanged);

    private void Go(PredictionList list, ChangeEventArgs change)
    {
        if (int.TryParse(change.Value as string, NumberStyles.None, CultureInfo.InvariantCulture, out int at) && at < list.Results.Count)
            Go(list, at);
    }

    private void Go(PredictionList list, int at) => Go(list.Results[at].Step);

    /// <summary>The step is in the address, so that a link opens the same view.</summary>
    private void Go(long? step) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("step", step), replace: true);
}
