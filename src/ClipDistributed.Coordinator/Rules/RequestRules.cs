using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.RunStates;
using static ClipDistributed.Coordinator.RunStates.RunAction;

namespace ClipDistributed.Coordinator.Rules;

/// <summary>What was asked of the run, and what it cannot go on after.</summary>
internal static class RequestRules
{
    public static IEnumerable<RunAction> Recount(RunSituation at) => at.State.IsToRecount ? [new RecountSteps()] : [];

    public static IEnumerable<RunAction> Next(RunSituation at)
    {
        var state = at.State;
        if (state.Damage is { } damage)
            return EndingRules.Begin(state, RunPhase.Failed, damage).Prepend(new RefuseInput(damage));
        if (state.Stop is StopRequest.Cancel)
            return EndingRules.Begin(state, RunPhase.Cancelled, "cancelled by a user");
        if (state.Stop is not null && !state.HasComputed)
            return EndingRules.Begin(state, RunPhase.Stopped, "stopped before it began");
        if (state.GenerationsWithoutProgress >= RunState.MaxGenerationsWithoutProgress)
            return EndingRules.Begin(state, RunPhase.Failed, string.Concat(
                $"{Counted.Plain(RunState.MaxGenerationsWithoutProgress, "generation")} in a row applied no step; ",
                $"the last: {state.NextReason}; ",
                "clipd submit --resume goes on from the newest checkpoint"));
        if (state.PoisonRows.Failure is { } failure)
            return EndingRules.Begin(state, RunPhase.Failed, failure);
        return [];
    }
}
