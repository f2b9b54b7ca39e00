using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Links;

namespace ClipDistributed.Coordinator.Replicas;

/// <summary>The coordinator's end of a replica's open call.</summary>
/// <param name="term">Of this coordinator: a replica that has received a higher one ignores its messages.</param>
/// <param name="close">Ends the call.</param>
internal sealed class ReplicaLink(long term, Action? close = null)
{
    private long lastMessageAt;

    /// <summary>When its last message arrived; a timestamp. 0: none has.</summary>
    internal long LastMessageAt => Volatile.Read(ref lastMessageAt);

    internal SendQueue<ConnectResponse> SendQueue { get; } = new();

    /// <summary>Never blocks; may be called when the link is broken.</summary>
    public void Send(ConnectResponse message)
    {
        message.Term = term;
        SendQueue.Send(message);
    }

    /// <param name="now">A timestamp.</param>
    public void OnMessage(long now) => Volatile.Write(ref lastMessageAt, now);

    /// <summary>Another call has replaced it.</summary>
    public void Close() => close?.Invoke();
}
