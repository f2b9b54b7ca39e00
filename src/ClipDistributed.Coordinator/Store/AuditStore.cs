using System.Linq.Expressions;
using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore;

namespace ClipDistributed.Coordinator.Store;

/// <summary>
/// The durable audit. Where there are too many rows of a kind, those of the callers who have the most go, the oldest first: no caller
/// displaces the rows of others. Thread-safe.
/// </summary>
/// <param name="max">Rows at most of each kind, and a hundredth more until they are deleted.</param>
internal sealed class AuditStore(RunStore store, int max)
{
    /// <summary>
    /// Changes, what known callers were refused, and strangers: none of them displaces the others. With each kind, who has caused a row: a
    /// token, which an admin or the provider has given out; of strangers, who can claim any, the address.
    /// </summary>
    private static readonly (Expression<Func<AuditRow, bool>> Kind, Expression<Func<AuditRow, string>> Caller)[] Kinds =
    [
        (row => !row.IsRefused, row => row.TokenId),
        (row => row.IsRefused && row.Owner != "", row => row.TokenId),
        (row => row.IsRefused && row.Owner == "", row => row.Address),
    ];

    private readonly int limit = max;
    private int added = max; // since the oldest were deleted; a coordinator before this one may have added some

    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    public Task AddAsync(IReadOnlyList<AuditRow> rows) => store.WriteAsync(async db =>
    {
        db.Audit.AddRange(rows.Select(Copy)); // a write that is retried numbers them again
        await db.SaveChangesAsync();
        if (Interlocked.Add(ref added, rows.Count) <= limit / 100)
            return;
        foreach (var (kind, caller) in Kinds)
            await TrimAsync(db, db.Audit.Where(kind), caller);
        Volatile.Write(ref added, 0);
    });

    /// <param name="isDescending">Newest first.</param>
    /// <param name="after">Those that come after this place in that order; null: from the first.</param>
    public async Task<IReadOnlyList<AuditRow>> ListAsync(
        AuditFilter filter, bool isDescending, long? after, int count, CancellationToken cancel)
    {
        await using var db = store.Read();
        var rows = db.Audit.AsNoTracking();
        if (filter.Owner != "")
            rows = rows.Where(row => row.Owner == filter.Owner);
        if (filter.Target != "")
            rows = rows.Where(row => row.Target == filter.Target);
        if (filter.Since is { } since)
            rows = rows.Where(row => row.Time >= since);
        if (filter.Before is { } before)
            rows = rows.Where(row => row.Time < before);
        if (after is { } place)
            rows = rows.Where(row => isDescending ? row.Place < place : row.Place > place);
        return await (isDescending ? rows.OrderByDescending(row => row.Place) : rows.OrderBy(row => row.Place))
            .Take(count).ToListAsync(cancel);
    }

    private async Task TrimAsync(CoordinatorDb db, IQueryable<AuditRow> rows, Expression<Func<AuditRow, string>> caller)
    {
        var counts = await rows.GroupBy(caller).Select(own => new { Caller = own.Key, Count = own.Count() }).ToListAsync();
        int share = ShareOf(counts.Select(own => own.Count), limit);
        foreach (string most in counts.Where(own => own.Count > share).Select(own => own.Caller))
        {
            var own = rows.Where(Is(caller, most));
            long oldest = await own.OrderByDescending(row => row.Place).Skip(share).Select(row => row.Place).FirstOrDefaultAsync();
            await own.Where(row => row.Place <= oldest).ExecuteDeleteAsync();
        }
    }

    /// <summary>How many rows each may have, so that all together have at most so many: who has fewer leaves the rest to the others.
    /// </summary>
    internal static int ShareOf(IEnumerable<int> counts, int limit)
    {
        int[] ascending = [.. counts.Order()];
        int left = limit;
        for (int i = 0; i < ascending.Length; i++)
        {
            int share = left / (ascending.Length - i);
            if (ascending[i] > share)
                return share;
            left -= ascending[i];
        }
        return int.MaxValue; // there are not too many
    }

    private static Expression<Func<AuditRow, bool>> Is(Expression<Func<AuditRow, string>> caller, string value)
    {
        Expression<Func<string>> given = () => value; // a parameter of the statement
        return Expression.Lambda<Func<AuditRow, bool>>(Expression.Equal(caller.Body, given.Body), caller.Parameters);
    }

    private static AuditRow Copy(AuditRow row) => new()
    {
        Time = row.Time, IsRefused = row.IsRefused, Owner = row.Owner, TokenId = row.TokenId, Role = row.Role, Address = row.Address,
        Verb = row.Verb, Target = row.Target, Result = row.Result, Values = row.Values,
    };
}
