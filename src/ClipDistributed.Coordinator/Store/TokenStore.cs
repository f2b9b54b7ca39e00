using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore;

namespace ClipDistributed.Coordinator.Store;

/// <summary>The durable tokens. Writes are idempotent and can be retried. Thread-safe.</summary>
internal sealed class TokenStore(RunStore store)
{
    public async Task<IReadOnlyList<TokenRow>> AllAsync()
    {
        await using var db = store.Read();
        return await db.Tokens.AsNoTracking().ToListAsync();
    }

    /// <summary>Adds a token, or replaces the one of its id.</summary>
    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    public Task SaveAsync(TokenRow token) => store.WriteAsync(async db =>
    {
        await db.Tokens.Where(row => row.TokenId == token.TokenId).ExecuteDeleteAsync();
        db.Tokens.Add(token);
    });

    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    public Task DeleteAsync(string tokenId) =>
        store.WriteAsync(db => db.Tokens.Where(row => row.TokenId == tokenId).ExecuteDeleteAsync());
}
