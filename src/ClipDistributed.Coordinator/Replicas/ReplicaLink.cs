using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Links;

namespace ClipDistributed.Coordinator.Replicas;

/// <summary>The coordinator's end of a replica's open call.</summary>
internal sealed class ReplicaLink
{
    internal Outbox<ConnectResponse> Outbox { get; } = new();

    /// <summary>Never blocks; may be called when the link is broken.</summary>
    public void Send(ConnectResponse message) => Outbox.Send(message);
}
