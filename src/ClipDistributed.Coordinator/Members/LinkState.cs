using ClipDistributed.Coordinator.Replicas;

namespace ClipDistributed.Coordinator.Members;

/// <summary>The state of a replica's link.</summary>
internal abstract record LinkState
{
    /// <summary>Its process is loading and has not connected yet.</summary>
    internal sealed record None : LinkState;

    /// <summary>It was connected to a former coordinator, and may connect to this one.</summary>
    internal sealed record Awaited : LinkState;

    internal sealed record Open(ReplicaLink Link) : LinkState;

    /// <summary>The replica may connect again.</summary>
    /// <param name="Link">The one that broke.</param>
    internal sealed record Broken(ReplicaLink Link, TimeSpan Since) : LinkState;
}
