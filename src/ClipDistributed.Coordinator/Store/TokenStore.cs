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

    /// <summary>Adds tokens, or replaces those of their ids, all at once.</summary>
    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    public Task SaveAsync(IReadOnlyList<TokenRow> rows) => store.WriteAsync(async db =>
    {
        var ids = rows.Select(row => row.TokenId).ToList();
        await db.Tokens.Where(row => ids.Contains(row.TokenId)).ExecuteDeleteAsync();
        db.Tokens.AddRange(rows);
    });

    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    public Task DeleteAsync(string tokenId) =>
        store.WriteAsync(db => db.Tokens.Where(row => row.TokenId == tokenId).ExecuteDeleteAsync());
}
