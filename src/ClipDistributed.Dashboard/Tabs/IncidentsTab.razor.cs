using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Dashboard.Calls;
using ClipDistributed.Dashboard.Feeds;
using ClipDistributed.Dashboard.History;
using Grpc.Core;
using Microsoft.AspNetCore.Components;

namespace ClipDistributed.Dashboard.Tabs;

public sealed partial class IncidentsTab
{
    private const int Max = 200, Slices = 240;

    /// <summary>Until there is something to show; then of a run that goes on, and of one that has ended, which may be resumed.</summary>
    private static readonly TimeSpan
        FirstPeriod = TimeSpan.FromSeconds(0.5), Period = TimeSpan.FromSeconds(3), EndedPeriod = TimeSpan.FromSeconds(20);

    private RunEvents events = default!;
    private TimeRibbon? ribbon; // null: not read yet, or the run has not begun
    private CallProblem? problem;

    [Parameter, EditorRequired]
    public RunDetail Detail { get; set; } = default!;

    private Run Run => Detail.Run;

    protected override void OnInitialized()
    {
        events = new RunEvents(Calls, Run.RunId, Clock);
        if (!RendererInfo.IsInteractive)
            return;
        Begin(cancel => events.RunAsync(() => { }, cancel));
        Begin(FollowAsync);
    }

    /// <summary>Something that is over, something that users did, or something that was lost.</summary>
    private static string Tone(Incident one) => one.Closed is null ? "bad"
        : one.Kind is IncidentKind.ReplicaJoined or IncidentKind.RunScaled or IncidentKind.HostDrained ? "calm" : "warn";

    private async Task FollowAsync(CancellationToken cancel)
    {
        for (int turn = 0; problem is not { IsFinal: true }; turn++)
        {
            var period = ribbon is null ? FirstPeriod : Run.State.HasEnded() && turn > 4 ? EndedPeriod : Period;
            await Task.Delay(period, Clock, cancel);
            await ReadAsync(cancel);
            await RenderAsync();
        }
    }

    private async Task ReadAsync(CancellationToken cancel)
    {
        if (Run.Started is null || events.Last == 0)
            return; // without what was recorded between its steps that time would be shown as lost
        try
        {
            var spans = await new RibbonReader(Calls, Run.RunId).ReadAsync(cancel);
            var until = Run.Ended?.ToDateTime() ?? Clock.GetUtcNow().UtcDateTime;
            ribbon = TimeRibbon.Of((Run.Started.ToDateTime(), until), spans, Detail.Incidents, events.All, Slices);
            problem = null;
        }
        catch (RpcException failed) when (!cancel.IsCancellationRequested)
        {
            problem = CallProblem.Of(failed);
        }
    }
}
