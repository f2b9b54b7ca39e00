using ClipDistributed.Contracts.Replica.V1;

namespace ClipDistributed.Coordinator.Replicas;

/// <summary>An event of a replica, from its own calls or its host's.</summary>
internal abstract record ReplicaEvent(string ReplicaId)
{
    /// <summary>It opened a call.</summary>
    internal sealed record Connected(string ReplicaId, ReplicaLink Link, Hello Hello) : ReplicaEvent(ReplicaId);

    internal sealed record MessageReceived(string ReplicaId, ReplicaLink Link, ConnectRequest Message) : ReplicaEvent(ReplicaId);

    internal sealed record LinkLost(string ReplicaId, ReplicaLink Link) : ReplicaEvent(ReplicaId);

    internal sealed record Exited(string ReplicaId, ProcessExit Exit) : ReplicaEvent(ReplicaId);

    internal sealed record HostLost(string ReplicaId) : ReplicaEvent(ReplicaId);

    internal sealed record HostReturned(string ReplicaId) : ReplicaEvent(ReplicaId);

    /// <param name="IsDrained">False: it was undone.</param>
    /// <param name="Grace">Grace period until its host ends; null: it waits for its replicas.</param>
    /// <param name="By">The requester; empty: not known.</param>
    internal sealed record HostDrained(string ReplicaId, bool IsDrained, TimeSpan? Grace, string By = "") : ReplicaEvent(ReplicaId);
}
