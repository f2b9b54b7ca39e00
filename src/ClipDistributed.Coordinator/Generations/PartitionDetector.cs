using ClipDistributed.Coordinator.Members;

namespace ClipDistributed.Coordinator.Generations;

/// <summary>
/// Finds the members to leave out where not all members of a generation reach each other over the network of the collectives, though
/// all of them reach the coordinator: the one that the fewest others reach, until the rest is fully connected.
/// </summary>
internal static class PartitionDetector
{
    /// <returns>None before all live members have reported which others they reach.</returns>
    public static IReadOnlyList<(Replica Member, string Evidence)> Find(Generation generation)
    {
        if (!generation.Members.All(member => member.HasReported || !member.IsLive))
            return [];
        var missed = Missed(generation.Members.Where(member => member.IsLive).ToList());
        var apart = new List<(Replica, string)>();
        // The member that holds the state, and writes, has the lowest rank: it is the last to be left out.
        while (missed.Count > 0 && missed.MaxBy(one => (one.Value.Count, one.Key)) is var (rank, others) && others.Count > 0)
        {
            var isolated = generation.Members[rank];
            string address = isolated.DataAddress == "" ? "" : $" ({isolated.DataAddress})";
            string counted = $"{others.Count} of {missed.Count - 1} others";
            apart.Add((isolated, $"and {counted} do not reach each other over the network of the collectives{address}"));
            missed.Remove(rank);
            foreach (int other in others)
                missed[other].Remove(rank);
        }
        return apart;
    }

    /// <summary>
    /// Of each rank the others that it does not reach. A connection that only one of them can open counts for none: either may have to.
    /// </summary>
    private static Dictionary<int, HashSet<int>> Missed(IReadOnlyList<Replica> together)
    {
        var missed = together.ToDictionary(member => member.Seat.Rank, _ => new HashSet<int>());
        foreach (var member in together)
        {
            foreach (int other in (member.Seat.Failure?.UnreachedRanks ?? []).Where(missed.ContainsKey))
            {
                missed[member.Seat.Rank].Add(other);
                missed[other].Add(member.Seat.Rank);
            }
        }
        return missed;
    }
}
