using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.ActiveRuns;
using static ClipDistributed.Coordinator.ActiveRuns.RunAction;

namespace ClipDistributed.Coordinator.Rules;

/// <summary>The end of a run: its replicas are asked to leave, killed after a grace period, and given up after another.</summary>
internal static class EndingRules
{
    /// <param name="step">The last applied step, as far as it is known.</param>
    public static IEnumerable<RunAction> Begin(ActiveRun run, RunState state, string reason, long step = 0)
    {
        yield return new BeginEnding(state, reason, step);
        if (run.PoisonRows.IsActive)
            yield return new AbandonSearch(run.PoisonRows.Trial);
        if (run.Generation is not { } generation)
            yield break;
        yield return new CloseRendezvous();
        if (state is not (RunState.Failed or RunState.Cancelled) || generation.BrokenAt is not null)
            yield break;
        foreach (var action in GenerationRules.Break(generation, isIncident: false))
            yield return action;
    }

    public static IEnumerable<RunAction> Next(RunSituation at)
    {
        if (at.Run.Ending is not { } ending)
            yield break;
        if (ending.Stage == EndingStage.Decided)
        {
            yield return new AnnounceRunEnd();
            yield break;
        }
        var killAt = ending.State == RunState.Cancelled ? ending.Since : ending.Since + at.Options.LeaveGrace;
        var giveUpAt = killAt + at.Options.LeaveGrace;
        if (ending.Stage == EndingStage.Announced && at.Now >= killAt)
            yield return new KillRun();
        else if (at.Now >= giveUpAt || at.Run.Roster.All.All(replica => replica.IsGone))
            yield return new EndRun();
        else
            yield return new WakeAt(ending.Stage == EndingStage.Killed ? giveUpAt : killAt);
    }
}
