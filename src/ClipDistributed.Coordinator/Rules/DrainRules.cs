using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.ActiveRuns;
using static ClipDistributed.Coordinator.ActiveRuns.RunAction;

namespace ClipDistributed.Coordinator.Rules;

/// <summary>
/// Drained hosts: their replicas leave at a step boundary, after others were started elsewhere where there is room.
/// </summary>
internal static class DrainRules
{
    /// <summary>
    /// Replicas of drained hosts are dismissed that are in no generation, hold no state that no other holds, and are not needed to compute
    /// until others suffice; and surplus replicas, of a run that was scaled down or whose host's drain was undone.
    /// </summary>
    public static IEnumerable<RunAction> Next(RunSituation at)
    {
        var run = at.Run;
        if (run.Takeover.IsWaiting || run.IsToSave)
            yield break; // the replica that is to save stays
        var replicas = run.Roster.All;
        bool suffices = at.Census.Ready >= run.Need.Min;
        foreach (var replica in at.Census.Draining > 0 ? replicas : [])
        {
            bool mayLeave = replica.Standing is Standing.Draining && (suffices || !replica.MayGoOn || replica.Applied < 0);
            if (mayLeave && !run.IsMember(replica) && !GroupDecision.IsNeeded(replica, replicas))
                yield return new Dismiss(replica, "its host is drained", IsReason: true);
        }
        int surplus = run.Generation is null ? 0 : at.Census.Staying - run.Need.Max;
        if (surplus <= 0)
            yield break;
        foreach (var replica in replicas.Where(replica => replica.IsStaying && !run.IsMember(replica)).TakeLast(surplus))
            yield return new Dismiss(replica, "the run has enough replicas without it", IsReason: false);
    }
}
