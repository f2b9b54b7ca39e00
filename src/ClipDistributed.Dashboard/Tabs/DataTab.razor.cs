using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Dashboard.Feeds;
using ClipDistributed.Dashboard.History;
using Grpc.Core;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace ClipDistributed.Dashboard.Tabs;

public sealed partial class DataTab
{
    private const int MaxNotices = 50;

    /// <summary>Of a run that goes on, and of one that has ended, which may be resumed.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(3), EndedPeriod = TimeSpan.FromSeconds(20);

    private RunEvents events = default!;
    private StepMetrics? newest;
    private double? replaced;
    private IReadOnlyList<RunNotice> damage = [];
    private OrderProof? proof; // null: not computed yet
    private string? refusal;
    private bool isChecking;

    [Parameter, EditorRequired]
    public RunDetail Detail { get; set; } = default!;

    private Run Run => Detail.Run;

    private IEnumerable<(SourceSpec Source, string Use)> Sources =>
        (Detail.Spec?.Data?.Train ?? []).Select(source => (source, "training"))
            .Concat((Detail.Spec?.Data?.Validation ?? []).Select(source => (source, "validation")));

    private double? DataShare =>
        Detail.Speed is { SecondsPerStep: > 0 } speed && speed.Split.TryGetValue("data", out double data)
            ? data / speed.SecondsPerStep : null;

    protected override async Task OnInitializedAsync()
    {
        events = new RunEvents(Calls, Run.RunId, Clock);
        await ReadAsync(Left);
        if (!RendererInfo.IsInteractive)
            return;
        Begin(cancel => events.RunAsync(() => { }, cancel));
        Begin(FollowAsync);
    }

    private static RenderFragment Verdict(long differ) => (RenderTreeBuilder builder) =>
    {
        builder.OpenElement(0, "span");
        builder.AddAttribute(1, "class", differ == 0 ? "verdict good" : "verdict bad");
        builder.AddContent(2, differ == 0 ? "equal" : $"{differ:N0} differ");
        builder.CloseElement();
    };

    private async Task FollowAsync(CancellationToken cancel)
    {
        for (int turn = 0; ; turn++)
        {
            await Task.Delay(Run.State.HasEnded() && turn > 1 ? EndedPeriod : Period, Clock, cancel);
            await ReadAsync(cancel);
            await RenderAsync();
        }
    }

    private async Task ReadAsync(CancellationToken cancel)
    {
        try
        {
            newest = await new NewestStep(Calls, Run.RunId).ReadAsync(Detail.LastSequence, cancel) ?? newest;
            var history = await Calls.HistoryAsync();
            var request = new QueryMetricsRequest { RunId = Run.RunId, Names = { "replaced" }, Points = 2_000 };
            var series = (await history.QueryMetricsAsync(request, cancellationToken: cancel)).Series;
            replaced = series.Count == 0 ? null : Math.Round(Lineage.Of(series).Kept.Sum(point => point.Mean * point.Count));
        }
        catch (RpcException) when (!cancel.IsCancellationRequested)
        {
            return; // the page says that nothing comes
        }
        damage =
        [
            .. events.All.Select(record => record.Notice).OfType<RunNotice>()
                .Where(notice => notice.Text.Contains("row", StringComparison.OrdinalIgnoreCase)
                    && (notice.Text.Contains("damage", StringComparison.OrdinalIgnoreCase)
                        || notice.Text.Contains("decode", StringComparison.OrdinalIgnoreCase)))
                .Reverse().Take(MaxNotices),
        ];
    }

    private async Task CheckAsync()
    {
        (isChecking, refusal) = (true, null);
        try
        {
            proof = await new OrderCheck(Calls, Run.RunId).RunAsync(Detail.LastSequence, Left);
        }
        catch (InvalidDataException tooMany)
        {
            refusal = tooMany.Message;
        }
        catch (RpcException failed) when (!Left.IsCancellationRequested)
        {
            refusal = failed.Status.Detail;
        }
        catch (Exception left) when (left is OperationCanceledException or RpcException && Left.IsCancellationRequested)
        {
            // The page is gone.
        }
        finally
        {
            isChecking = false;
        }
    }
}
