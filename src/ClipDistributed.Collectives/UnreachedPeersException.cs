namespace ClipDistributed.Collectives;

/// <summary>Nothing leads to some members of a group over the network of the collectives; the group was not begun.</summary>
/// <param name="ranks">Of the members that did not answer.</param>
public sealed class UnreachedPeersException(string group, IReadOnlyList<int> ranks, string detail)
    : CollectiveException("connect", group, detail)
{
    public IReadOnlyList<int> Ranks { get; } = ranks;
}
