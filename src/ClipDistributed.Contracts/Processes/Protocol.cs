namespace ClipDistributed.Contracts.Processes;

/// <summary>What coordinator, worker hosts and replicas must have in common to understand each other.</summary>
public static class Protocol
{
    /// <summary>Grows with every change that an older process would misread. Said in each first message; another one is refused.</summary>
    public const uint Version = 6;

    /// <summary>Of a replica in its progress.</summary>
    public const int MaxPeerWaits = 8;
}
