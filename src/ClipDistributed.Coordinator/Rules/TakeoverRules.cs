using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.ActiveRuns;
using static ClipDistributed.Coordinator.ActiveRuns.RunAction;

namespace ClipDistributed.Coordinator.Rules;

/// <summary>
/// Until all replicas of a former coordinator have reconnected, or their time is over, no replica is started and no generation formed.
/// </summary>
internal static class TakeoverRules
{
    public static IEnumerable<RunAction> Next(RunSituation at)
    {
        var (run, takeover) = (at.Run, at.Run.Takeover);
        if (!takeover.IsWaiting)
            return [];
        int back = Takeover.CountReconnected(run.Roster);
        if (!takeover.Awaits(run.Roster, at.Now))
            return RunPolicy.SetState(run, run.Generation is null ? run.State : run.ComputingState, "").Prepend(new EndTakeover(back));
        string all = Counted.Plain(run.Roster.All.Count, "replica");
        string reason = $"the coordinator was restarted; {back} of {all} {(back == 1 ? "has" : "have")} reconnected";
        bool namesTheLost = run.Generation?.BrokenAt is not null; // the reason that it has
        return (namesTheLost ? [] : RunPolicy.SetState(run, run.State, reason)).Append(new WakeAt(takeover.Until));
    }
}
