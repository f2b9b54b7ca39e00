using System.Collections.Concurrent;
using System.Security.Cryptography;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Leading;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Access;

/// <summary>
/// All tokens, in memory: the leader alone serves calls and changes tokens, so that nothing is read for a call, and what is revoked is
/// revoked at once. Thread-safe.
/// </summary>
internal sealed class TokenTable(
    RunStore store, LocalToken local, Leadership leadership, TimeProvider time, ILogger<TokenTable> logger) : BackgroundService
{
    /// <summary>Uses of a token within so long are one to the store; this coordinator itself knows the last one.</summary>
    private static readonly TimeSpan UseGrain = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SavePeriod = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan KeptAfterItsEnd = TimeSpan.FromDays(30);

    private readonly TokenStore tokens = new(store);
    private readonly StoreRetry retry = new(store, time, logger);
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly ConcurrentDictionary<string, HeldToken> held = new(StringComparer.Ordinal);

    public IEnumerable<HeldToken> All => held.Values;

    public int Count => held.Count;

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <summary>Before calls can come.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<TokenRow> rows = [];
        await retry.TryAsync("Tokens cannot be read", async () => rows = await tokens.AllAsync(), cancellationToken);
        foreach (var row in rows)
            held[row.TokenId] = new HeldToken(row);
        await retry.TryAsync("This machine's token cannot be saved", () => local.EnsureAsync(this), cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <returns>UTC; null: never.</returns>
    public DateTime? LastUsedOf(HeldToken token) => token.LastUsedAt(Now);

    public HeldToken? Find(string tokenId) => held.GetValueOrDefault(tokenId);

    /// <param name="shown">As the caller sent it; null: it sent none.</param>
    public LogIn Check(string? shown)
    {
        if (shown is null)
            return new LogIn(null, "",
                "this call has no token; clipd finds that of a coordinator of this user and machine by itself, with --state DIR give "
                    + "--token-file DIR/token, elsewhere one of clipd token create; other programs send 'Authorization: Bearer TOKEN'");
        if (TokenText.TryParse(shown) is not { } text)
            return new LogIn(null, "", "what this call sends is no token; those that clipd token create makes begin with clipd_");
        if (Find(text.Id) is not { } token || !CryptographicOperations.FixedTimeEquals(token.Row.Hash, text.Hash()))
            return new LogIn(null, text.Id, $"this coordinator knows no token {text}, or it has another text; ask an admin for one");
        if (token.Row.Revoked is not null)
            return new LogIn(null, text.Id, $"token {text} of {token.Row.Owner} was revoked; ask an admin for another");
        var now = Now;
        if (token.Row.Expires is { } expires && expires <= now)
            return new LogIn(
                null, text.Id, $"token {text} of {token.Row.Owner} expired at {UtcTime.Readable(expires)}; ask an admin for another");
        token.OnUsed(now);
        return new LogIn(token, text.Id, null);
    }

    /// <summary>Forgets those that ended long ago.</summary>
    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    public async Task ForgetEndedAsync()
    {
        await writing.WaitAsync();
        try
        {
            foreach (var old in held.Values.Where(one => (one.Row.Revoked ?? one.Row.Expires) + KeptAfterItsEnd < Now).ToList())
            {
                await tokens.DeleteAsync(old.Row.TokenId);
                held.TryRemove(old.Row.TokenId, out _);
            }
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Returns when it is durable.</summary>
    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    public async Task AddAsync(TokenRow row)
    {
        await writing.WaitAsync();
        try
        {
            await tokens.SaveAsync([row]);
            held[row.TokenId] = new HeldToken(row);
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Returns when it is durable; open calls of the token end.</summary>
    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    public async Task RevokeAsync(HeldToken token)
    {
        await writing.WaitAsync();
        try
        {
            if (Find(token.Row.TokenId) is { Row.Revoked: null } current)
            {
                var row = Copy(current);
                row.Revoked = Now;
                await tokens.SaveAsync([row]);
                held[row.TokenId] = new HeldToken(row);
                current.Revoke();
            }
        }
        finally
        {
            writing.Release();
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        writing.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(SavePeriod, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await retry.TryAsync("When tokens were used cannot be saved", SaveUsesAsync, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // It is shown to people alone.
        }
        catch (TermOverException followed)
        {
            leadership.Lose(followed.Message);
        }
    }

    private async Task SaveUsesAsync()
    {
        await writing.WaitAsync();
        try
        {
            var now = Now;
            var used = held.Values.Where(token => token.IsToSave(now, UseGrain)).Select(token => (Token: token, Row: Copy(token))).ToList();
            if (used.Count == 0)
                return;
            await tokens.SaveAsync([.. used.Select(one => one.Row)]);
            used.ForEach(one => one.Token.OnSaved(one.Row.LastUsed));
        }
        finally
        {
            writing.Release();
        }
    }

    private TokenRow Copy(HeldToken token) => new()
    {
        TokenId = token.Row.TokenId, Hash = token.Row.Hash, Role = token.Row.Role, Owner = token.Row.Owner, Host = token.Row.Host,
        RunId = token.Row.RunId, Created = token.Row.Created, Expires = token.Row.Expires, Revoked = token.Row.Revoked,
        LastUsed = LastUsedOf(token),
    };
}
