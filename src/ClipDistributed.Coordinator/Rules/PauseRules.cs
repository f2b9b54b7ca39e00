using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Generations;
using static ClipDistributed.Coordinator.ActiveRuns.RunAction;

namespace ClipDistributed.Coordinator.Rules;

/// <summary>
/// A run that is to be paused saves as one that is to stop does; then its replicas leave, and it keeps no device. A generation that has
/// saved for a pause that was withdrawn meanwhile is followed by another one. One that makes way for another run waits for devices again.
/// </summary>
internal static class PauseRules
{
    /// <summary>The reason of its state: what was done, and how it goes on.</summary>
    /// <param name="from">As in <c> from the newest checkpoint</c>.</param>
    public static string Reason(ActiveRun run, string done, string from = "") => run.Preemption.By is { } by
        ? $"made way for {by}: {done}; it goes on by itself{from}"
        : $"{done}; clipd run resume {run.RunId} goes on{from}";

    /// <summary>All members have saved and left the training loop.</summary>
    public static IEnumerable<RunAction> OnSaved(ActiveRun run, Generation generation)
    {
        if (run.Incidents.IsUndecided)
            yield return new ExplainIncident(GenerationOutcome.Losses(generation.Members));
        long step = generation.Members[0].Seat.Ended!.AppliedStep;
        foreach (var action in GenerationRules.Settle(generation, reason: "", next: "The run is no longer to be paused"))
            yield return action;
        if (run.Pause == PauseStage.Requested)
            yield return new BeginPause(step, Reason(run, $"saved after step {step}"));
    }

    public static IEnumerable<RunAction> Next(RunSituation at)
    {
        var run = at.Run;
        if (run.Takeover.IsWaiting)
            return [];
        return run.Pause switch
        {
            PauseStage.Requested when !run.HasComputed => [new BeginPause(run.Step, Reason(run, Before(run)))],
            PauseStage.Saved => Leave(run),
            _ => [],
        };
    }

    private static string Before(ActiveRun run) =>
        run.GenerationNumber == 0 ? "paused before it began"
        : run.HasLostUnsaved ? UnsavedLoss.Text
        : $"paused before it went on after step {run.Step}";

    private static IEnumerable<RunAction> Leave(ActiveRun run)
    {
        if (run.Roster.All.Count == 0 && run.State != RunState.Paused)
            return [new PauseRun()];
        if (run.Roster.All.Count == 0)
            return run.RollBack is { } back ? [new BeginAttempt(back)] : [];
        return run.Roster.All.Where(replica => replica.IsLive)
            .Select(replica => new Dismiss(replica, "the run is paused", IsReason: false));
    }
}
