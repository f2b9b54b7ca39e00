using System.Collections.Concurrent;
using System.Security.Cryptography;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Dashboard.Sessions;

/// <summary>The signed-in browsers, in memory: after a restart each signs in again. Thread-safe.</summary>
internal sealed class SessionTable(DashboardOptions options, TimeProvider time)
{
    private const int MaxSessions = 1000;

    /// <summary>So many of one token at a time: who signs in again and again signs out no other.</summary>
    public const int MaxOfOneToken = 20;

    private readonly ConcurrentDictionary<string, Session> open = new(StringComparer.Ordinal);

    public Session Open(string token, Token owner, string address)
    {
        var now = time.GetUtcNow();
        foreach (var over in open.Values.Where(one => one.Expires <= now))
            open.TryRemove(over.Id, out _);
        while (open.Values.Where(one => one.Token == token).ToList() is { Count: >= MaxOfOneToken } own)
            open.TryRemove(own.MinBy(one => one.Expires)!.Id, out _);
        while (open.Count >= MaxSessions && open.Values.MinBy(one => one.Expires) is { } oldest)
            open.TryRemove(oldest.Id, out _);
        var session = new Session(
            Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)), token, owner.Owner, owner.Role, address,
            now + options.SessionLifetime);
        open[session.Id] = session;
        return session;
    }

    /// <returns>Null: it has ended, or there never was one.</returns>
    public Session? Find(string? id) =>
        id is not null && open.TryGetValue(id, out var session) && session.Expires > time.GetUtcNow() ? session : null;

    public void End(string id) => open.TryRemove(id, out _);
}
