using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.ActiveRuns;
using static ClipDistributed.Coordinator.ActiveRuns.RunAction;

namespace ClipDistributed.Coordinator.Rules;

/// <summary>
/// Hosts that are drained: their replicas leave at a step's border, and others are started elsewhere first where there is room.
/// </summary>
internal static class DrainRules
{
    /// <summary>
    /// Those of drained hosts leave that are in no generation and hold nothing that another does not hold too, nor are needed
    /// to compute until others suffice; and those that were started for a host that was drained only for a moment.
    /// </summary>
    public static IEnumerable<RunAction> Next(RunSituation at)
    {
        var run = at.Run;
        if (run.Takeover.IsWaiting || run.Stop is not null)
            yield break; // who is to save stays
        var replicas = run.Roster.All;
        bool suffices = at.Census.Ready >= run.Work.Need.Min;
        foreach (var replica in at.Census.Draining > 0 ? replicas : [])
        {
            bool mayLeave = replica.Standing is Standing.Draining && (suffices || !replica.MayGoOn || replica.Applied < 0);
            if (mayLeave && !run.IsMember(replica) && !GroupDecision.IsNeeded(replica, replicas))
                yield return new Dismiss(replica, "its host is drained", IsReason: true);
        }
        int surplus = run.Generation is null ? 0 : at.Census.Staying - run.Work.Need.Max;
        if (surplus <= 0)
            yield break;
        foreach (var replica in replicas.Where(replica => replica.IsStaying && !run.IsMember(replica)).TakeLast(surplus))
            yield return new Dismiss(replica, "the run has enough replicas without it", IsReason: false);
    }

    /// <summary>
    /// Replicas that have become ready since join at the next step's border. Those of a drained host leave there: once the
    /// others suffice; of one that ends at some time, also when no other is on the way.
    /// </summary>
    public static bool IsToRegroup(RunSituation at, Generation current)
    {
        var (replicas, need, census) = (at.Run.Roster.All, at.Run.Work.Need, at.Census);
        if (census.Draining == 0 || !current.Members.Any(member => member.Standing is Standing.Draining))
            return current.Members.Count < need.Max
                && replicas.Any(replica => replica is { IsLinked: true, IsStaying: true } && !current.Has(replica));
        if (census.Ready >= need.Min)
            return true;
        return current.Members.Any(member => member.Standing is Standing.Draining { Until: not null })
            && !replicas.Any(replica => replica is { Link: null, IsStaying: true });
    }
}
