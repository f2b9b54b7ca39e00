using ClipDistributed.Contracts.Replica.V1;

namespace ClipDistributed.Coordinator.Replicas;

/// <summary>What is seen of a replica, by its own calls and by its host's.</summary>
internal abstract record ReplicaEvent(string ReplicaId)
{
    /// <summary>It opened a call.</summary>
    internal sealed record Connected(string ReplicaId, ReplicaLink Link, Hello Hello) : ReplicaEvent(ReplicaId);

    internal sealed record MessageReceived(string ReplicaId, ReplicaLink Link, ConnectRequest Message) : ReplicaEvent(ReplicaId);

    internal sealed record LinkLost(string ReplicaId, ReplicaLink Link) : ReplicaEvent(ReplicaId);

    internal sealed record Exited(string ReplicaId, ProcessExit Exit) : ReplicaEvent(ReplicaId);

    internal sealed record HostLost(string ReplicaId) : ReplicaEvent(ReplicaId);

    internal sealed record HostReturned(string ReplicaId) : ReplicaEvent(ReplicaId);

    /// <param name="IsDrained">False: no longer.</param>
    /// <param name="Grace">How long its host goes on; null: for as long as it takes.</param>
    /// <param name="By">Who asked for it; empty: not known.</param>
    internal sealed record HostDrained(string ReplicaId, bool IsDrained, TimeSpan? Grace, string By = "") : ReplicaEvent(ReplicaId);
}
