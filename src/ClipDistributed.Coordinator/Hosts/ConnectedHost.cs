using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Coordinator.Links;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>A worker host whose call is open.</summary>
/// <param name="Offer">Without its secret.</param>
/// <param name="SecretHash">SHA-256 of the secret of its process; empty: it is not known.</param>
/// <param name="Peer">Its network address.</param>
/// <param name="Term">Of this coordinator: a host that has received a higher one ignores its messages.</param>
internal sealed record ConnectedHost(Offer Offer, byte[] SecretHash, string Peer, DateTimeOffset Connected, long Term)
{
    private long lastMessageAt;
    private volatile IReadOnlyList<DeviceState> deviceStates = [];
    private TaskCompletionSource<bool> next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Of the token by which it is connected; empty: it is not known.</summary>
    public string TokenId { get; init; } = "";

    public SendQueue<ConnectResponse> SendQueue { get; } = new();

    /// <summary>Both are calls of one process.</summary>
    public bool IsSameProcess(ConnectedHost other) => SecretHash.AsSpan().SequenceEqual(other.SecretHash);

    /// <returns>False: its call has ended.</returns>
    public bool Send(ConnectResponse message)
    {
        message.Term = Term;
        return SendQueue.Send(message);
    }

    /// <summary>Waits for the host's next message: true. False: its call has ended instead.</summary>
    public Task<bool> NextMessageAsync() => Volatile.Read(ref next).Task;

    /// <summary>When its last message arrived; a timestamp.</summary>
    public long LastMessageAt => Volatile.Read(ref lastMessageAt);

    /// <summary>How its GPUs are, as its last heartbeat said.</summary>
    public IReadOnlyList<DeviceState> DeviceStates => deviceStates;

    /// <summary>A message of it has arrived.</summary>
    public void OnMessage(ConnectRequest message, long now)
    {
        if (message.Heartbeat is { } heartbeat)
            deviceStates = heartbeat.Devices;
        Volatile.Write(ref lastMessageAt, now);
        Interlocked.Exchange(ref next, new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult(true);
    }

    /// <summary>Its call has ended, and its name is free.</summary>
    public void OnDisconnected() => Volatile.Read(ref next).TrySetResult(false);
}
