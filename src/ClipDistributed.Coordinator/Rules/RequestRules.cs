using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.ActiveRuns;
using static ClipDistributed.Coordinator.ActiveRuns.RunAction;

namespace ClipDistributed.Coordinator.Rules;

/// <summary>Requests, and conditions under which the run cannot go on.</summary>
internal static class RequestRules
{
    public static IEnumerable<RunAction> Recount(RunSituation at) => at.Run.IsToRecount ? [new RecountSteps()] : [];

    public static IEnumerable<RunAction> Next(RunSituation at)
    {
        var run = at.Run;
        if (run.Damage is { } damage)
            return EndingRules.Begin(run, RunState.Failed, damage).Prepend(new RefuseInput(damage));
        if (run.Stop is StopRequest.Cancel)
            return EndingRules.Begin(run, RunState.Cancelled, "cancelled by a user");
        if (run.Stop is not null && !run.HasComputed)
            return EndingRules.Begin(
                run, RunState.Stopped, run.GenerationNumber == 0 ? "stopped before it began" : StoppedWhilePaused(run));
        if (run.GenerationsWithoutProgress >= ActiveRun.MaxGenerationsWithoutProgress)
            return EndingRules.Begin(run, RunState.Failed, string.Concat(
                $"{Counted.Plain(ActiveRun.MaxGenerationsWithoutProgress, "generation")} in a row applied no step; ",
                $"the last: {run.NextReason}; ",
                "clipd submit SPEC --resume goes on from the newest checkpoint"));
        if (run.PoisonRows.Failure is { } failure)
            return EndingRules.Begin(run, RunState.Failed, failure);
        return [];
    }

    private static string StoppedWhilePaused(ActiveRun run) => string.Concat(
        run.HasLostUnsaved ? $"{UnsavedLoss.Text}; " : "",
        "stopped while it was paused; clipd submit SPEC --resume goes on from the newest checkpoint");
}
