using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.RunStates;
using static ClipDistributed.Coordinator.RunStates.RunAction;

namespace ClipDistributed.Coordinator.Rules;

/// <summary>Until all replicas of a former coordinator are back, or their time is over, nothing is started and nothing is formed.</summary>
internal static class TakeoverRules
{
    public static IEnumerable<RunAction> Next(RunSituation at)
    {
        var (state, takeover) = (at.State, at.State.Takeover);
        if (!takeover.IsWaiting)
            return [];
        int back = Takeover.CountBack(state.Roster);
        if (!takeover.Awaits(state.Roster, at.Now))
            return RunPolicy.Phase(state, state.Generation is null ? state.Phase : state.ComputingPhase, "").Prepend(new EndTakeover(back));
        string all = Counted.Plain(state.Roster.All.Count, "replica");
        string reason = $"the coordinator was restarted; {back} of {all} {(back == 1 ? "has" : "have")} come back";
        return state.Generation?.BrokenAt is null ? RunPolicy.Phase(state, state.Phase, reason) : []; // else the reason is who was lost
    }
}
