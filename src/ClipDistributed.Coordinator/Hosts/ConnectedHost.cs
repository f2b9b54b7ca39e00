using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Coordinator.Links;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>A worker host whose call is open.</summary>
/// <param name="Offer">Without its secret.</param>
/// <param name="SecretHash">Of the secret that its process shows; empty: it is not known.</param>
/// <param name="Peer">Its network address.</param>
/// <param name="Term">Of this coordinator: a host that has heard a higher one does not obey.</param>
internal sealed record ConnectedHost(Offer Offer, byte[] SecretHash, string Peer, DateTimeOffset Connected, long Term)
{
    private long heardAt;
    private TaskCompletionSource<bool> sign = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Outbox<ConnectResponse> Outbox { get; } = new();

    /// <summary>Both are calls of one process.</summary>
    public bool IsSameProcess(ConnectedHost other) => SecretHash.AsSpan().SequenceEqual(other.SecretHash);

    /// <returns>False: its call has ended.</returns>
    public bool Send(ConnectResponse message)
    {
        message.Term = Term;
        return Outbox.Send(message);
    }

    /// <summary>Waits for the host's next word: true. False: its call has ended instead.</summary>
    public Task<bool> LivesAsync() => Volatile.Read(ref sign).Task;

    /// <summary>When it last said something; a timestamp.</summary>
    public long HeardAt => Volatile.Read(ref heardAt);

    /// <summary>It has said something.</summary>
    public void Heard(long now)
    {
        Volatile.Write(ref heardAt, now);
        Interlocked.Exchange(ref sign, new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult(true);
    }

    /// <summary>Its call has ended, and its name is free.</summary>
    public void Gone() => Volatile.Read(ref sign).TrySetResult(false);
}
