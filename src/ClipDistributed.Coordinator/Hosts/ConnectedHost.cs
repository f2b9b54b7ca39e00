using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Coordinator.Links;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>A worker host whose call is open.</summary>
/// <param name="Peer">Its network address.</param>
internal sealed record ConnectedHost(Offer Offer, string Peer, DateTimeOffset Connected)
{
    public Outbox<ConnectResponse> Outbox { get; } = new();
}
