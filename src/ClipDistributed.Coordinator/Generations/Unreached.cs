namespace ClipDistributed.Coordinator.Generations;

/// <summary>
/// Finds who is to be left out where the members of a generation do not all reach each other over the network of the
/// collectives, though all of them reach the coordinator: the one that the fewest others reach, until the rest is whole.
/// </summary>
internal static class Unreached
{
    /// <returns>Nobody before all that live have said whom they reach.</returns>
    public static IReadOnlyList<(Member Member, string Evidence)> Find(Generation generation)
    {
        var together = generation.Members.Where(member => member.Lost is null).ToList();
        if (!together.All(member => member.HasReported))
            return [];
        var apart = new List<(Member, string)>();
        while (true)
        {
            // Who has the state, and writes, comes first in the order of ranks: it is the last to go.
            var (most, loneliest) = together.Select(member => (Missed: together.Count(other => !Reach(member, other)), Member: member))
                .OrderByDescending(one => one.Missed).ThenByDescending(one => one.Member.Rank).FirstOrDefault();
            if (most == 0)
                return apart;
            apart.Add((loneliest, $"and {most} of {together.Count - 1} others do not reach each other over the network of the collectives{(loneliest.DataAddress == "" ? "" : $" ({loneliest.DataAddress})")}"));
            together.Remove(loneliest);
        }
    }

    /// <summary>A connection that only one of them can open counts for none: either may have to.</summary>
    private static bool Reach(Member one, Member other) =>
        one.Failure?.UnreachedRanks.Contains(other.Rank) != true && other.Failure?.UnreachedRanks.Contains(one.Rank) != true;
}
