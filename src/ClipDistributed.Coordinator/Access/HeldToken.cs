using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.Access;

/// <summary>A token that the coordinator knows. Thread-safe.</summary>
/// <param name="row">Never changed: where the token is revoked, another object holds it.</param>
internal sealed class HeldToken(TokenRow row)
{
    private readonly CancellationTokenSource revoked = new(); // never disposed: open calls look at it
    private long lastUsed = row.LastUsed?.Ticks ?? 0, savedUse = row.LastUsed?.Ticks ?? 0;
    private int openCalls;

    public TokenRow Row { get; } = row;

    /// <summary>Its open calls end when it is revoked.</summary>
    public CancellationToken Revoked => revoked.Token;

    public void Revoke() => revoked.Cancel();

    public void OnUsed(DateTime now) => Volatile.Write(ref lastUsed, now.Ticks);

    /// <summary>It is in use for as long as a call of it is open: a worker's may be for weeks.</summary>
    public void OnCallOpened() => Interlocked.Increment(ref openCalls);

    public void OnCallEnded(DateTime now)
    {
        OnUsed(now);
        Interlocked.Decrement(ref openCalls);
    }

    /// <returns>UTC; null: never.</returns>
    public DateTime? LastUsedAt(DateTime now)
    {
        if (Volatile.Read(ref openCalls) > 0)
            return now;
        return Volatile.Read(ref lastUsed) is var ticks and > 0 ? new DateTime(ticks, DateTimeKind.Utc) : null;
    }

    /// <summary>The store says something else about its last use, by so much.</summary>
    public bool IsToSave(DateTime now, TimeSpan grain) => LastUsedAt(now)?.Ticks - Volatile.Read(ref savedUse) >= grain.Ticks;

    public void OnSaved(DateTime? use) => Volatile.Write(ref savedUse, use?.Ticks ?? 0);

    public Principal At(string address) => new(Row.TokenId, Row.Owner, Row.Role, address) { Host = Row.Host, RunId = Row.RunId };
}
