using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.Access;

/// <summary>A token that the coordinator knows. Thread-safe.</summary>
/// <param name="row">Never changed: where the token is revoked, another object holds it.</param>
internal sealed class HeldToken(TokenRow row)
{
    private readonly CancellationTokenSource revoked = new(); // never disposed: open calls look at it
    private long lastUsed = row.LastUsed?.Ticks ?? 0;

    public TokenRow Row { get; } = row;

    /// <summary>Its open calls end when it is revoked.</summary>
    public CancellationToken Revoked => revoked.Token;

    /// <summary>UTC; null: never.</summary>
    public DateTime? LastUsed => Volatile.Read(ref lastUsed) is var ticks and > 0 ? new DateTime(ticks, DateTimeKind.Utc) : null;

    public void Revoke() => revoked.Cancel();

    /// <returns>Whether that is worth a write.</returns>
    public bool OnUsed(DateTime now, TimeSpan grain)
    {
        long before = Volatile.Read(ref lastUsed);
        return now.Ticks - before >= grain.Ticks && Interlocked.CompareExchange(ref lastUsed, now.Ticks, before) == before;
    }

    public Principal At(string address) => new(Row.TokenId, Row.Owner, Row.Role, address) { Host = Row.Host, RunId = Row.RunId };
}
