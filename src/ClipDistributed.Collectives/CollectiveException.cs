namespace ClipDistributed.Collectives;

/// <summary>A peer or its network was lost, or the group was aborted. The step is not committed; the replica asks for the next
/// generation.</summary>
public class CollectiveException(string operation, string group, string detail)
    : Exception($"{operation} failed in {group}: {detail}");
