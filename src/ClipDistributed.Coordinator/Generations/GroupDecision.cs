using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Members;

namespace ClipDistributed.Coordinator.Generations;

/// <summary>Whether the replicas of a run can form a generation, which of them, and the reason.</summary>
internal abstract record GroupDecision(string Reason)
{
    /// <param name="Reason">As in <c>needs at least 2 replicas; 1 is ready, 1 is being started</c>.</param>
    internal sealed record Wait(string Reason) : GroupDecision(Reason);

    /// <param name="Members">In the order of ranks: the first holds the state that the others take over.</param>
    internal sealed record Form(IReadOnlyList<Replica> Members) : GroupDecision("");

    /// <summary>No live replica holds a state, and none is reading one: one must read the newest checkpoint.</summary>
    internal sealed record Restore() : GroupDecision("no replica holds the state; it is read from the newest checkpoint");

    /// <param name="replicas">All that are live or being started.</param>
    /// <param name="began">False: the run has not computed yet, so it waits for all.</param>
    /// <param name="saves">The run is to stop: replicas of drained hosts take part in that too.</param>
    public static GroupDecision Decide(IReadOnlyList<Replica> replicas, RunNeed need, bool began, bool saves = false)
    {
        var holding = replicas.Where(member => member.IsLinked && member.IsLive).ToList();
        var ready = holding.Where(member => saves || !member.IsOfDrainedHost).ToList();
        if (began && ready.Count < need.Min && holding.Count(member => member.MayGoOn) >= need.Min)
            ready = holding.Where(member => member.MayGoOn).ToList(); // those of drained hosts compute until others suffice
        int loading = replicas.Count(member => member is { Link: null, IsStaying: true });
        // It may hold a step that no other has applied.
        if (replicas.FirstOrDefault(member => member is { IsLive: true, LinkState: LinkState.Broken, Applied: >= 0 }) is { } unlinked)
            return new Wait($"{unlinked.Described} lost its connection; it has a moment to reconnect");
        if (!replicas.Any(member => member.IsLive && (member.Applied >= 0 && member.IsLinked || member is { Restores: true, Link: null })))
            return new Restore();
        if (ready.Count < need.Min || (!began && loading > 0) || holding.Max(member => member.Applied) < 0)
            return new Wait(Readiness(ready.Count, loading, need.Min));
        // One that is to leave sends its state to the others first, where no other has it.
        var members = InOrder(holding).Take(1).Except(ready).Concat(InOrder(ready).Take(need.Max));
        return new Form(members.ToList()); // enumerated at each event: a collection expression would give a type that enumerates slower
    }

    private static string Readiness(int ready, int loading, int min)
    {
        string started = loading > 0 ? $"{loading} {(loading == 1 ? "is" : "are")} being started" : "no device is free for another";
        string count = ready == 0 ? "none is" : ready == 1 ? "1 is" : $"{ready} are";
        return $"needs at least {Counted.Plain(min, "replica")}; {count} ready, {started}";
    }

    /// <summary>The highest applied step first. Among equals the one that wrote before goes on writing.</summary>
    private static IEnumerable<Replica> InOrder(IEnumerable<Replica> members) =>
        members.OrderByDescending(member => member.Applied).ThenBy(member => member.IsOfDrainedHost)
            .ThenBy(member => member.Seat.Rank).ThenBy(member => member.LaunchedAt).ThenBy(member => member.Device);

    /// <summary>No replica that stays holds as much as one that is to leave.</summary>
    public static bool IsNeeded(Replica draining, IEnumerable<Replica> replicas) =>
        draining.Applied >= 0 && !replicas.Any(other => other is { IsStaying: true, IsLinked: true } && other.Applied >= draining.Applied);
}
