using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Members;

namespace ClipDistributed.Coordinator.Rules;

/// <summary>When a generation ends at its next step boundary, so that one with other members goes on: nothing is recomputed.</summary>
internal static class RegroupRules
{
    /// <summary>
    /// Replicas that have become ready since join, and surplus ones leave. Those of a drained host leave: once the others suffice; of a
    /// host with a grace period, also when no other is being started.
    /// </summary>
    public static bool IsDue(RunSituation at, Generation current)
    {
        var (replicas, need, census) = (at.Run.Roster.All, at.Run.Need, at.Census);
        if (current.Members.Count > need.Max)
            return true;
        if (census.Draining == 0 || !current.Members.Any(member => member.Standing is Standing.Draining))
            return current.Members.Count < need.Max
                && replicas.Any(replica => replica is { IsLinked: true, IsStaying: true } && !current.Has(replica));
        if (census.Ready >= need.Min)
            return true;
        return current.Members.Any(member => member.Standing is Standing.Draining { Until: not null })
            && !replicas.Any(replica => replica is { Link: null, IsStaying: true });
    }
}
