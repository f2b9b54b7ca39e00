using System.Linq.Expressions;
using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore;

namespace ClipDistributed.Coordinator.Store;

/// <summary>The durable audit, of which the oldest rows are deleted. Thread-safe.</summary>
/// <param name="max">Rows at most of each kind, and a hundredth more until they are deleted.</param>
internal sealed class AuditStore(RunStore store, int max)
{
    /// <summary>Changes, what known callers were refused, and strangers: none of them displaces the others.</summary>
    private static readonly Expression<Func<AuditRow, bool>>[] Kinds =
    [
        row => !row.IsRefused, row => row.IsRefused && row.Owner != "", row => row.IsRefused && row.Owner == "",
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
        foreach (var kind in Kinds)
        {
            long oldest = await db.Audit.Where(kind)
                .OrderByDescending(row => row.Place).Skip(limit).Select(row => row.Place).FirstOrDefaultAsync();
            if (oldest > 0)
                await db.Audit.Where(kind).Where(row => row.Place <= oldest).ExecuteDeleteAsync();
        }
        Volatile.Write(ref added, 0);
    });

    /// <param name="owner">Empty: all.</param>
    /// <param name="target">Empty: all.</param>
    /// <param name="isDescending">Newest first.</param>
    /// <param name="after">Those that come after this place in that order; null: from the first.</param>
    public async Task<IReadOnlyList<AuditRow>> ListAsync(
        string owner, string target, bool isDescending, long? after, int count, CancellationToken cancel)
    {
        await using var db = store.Read();
        var rows = db.Audit.AsNoTracking();
        if (owner != "")
            rows = rows.Where(row => row.Owner == owner);
        if (target != "")
            rows = rows.Where(row => row.Target == target);
        if (after is { } place)
            rows = rows.Where(row => isDescending ? row.Place < place : row.Place > place);
        return await (isDescending ? rows.OrderByDescending(row => row.Place) : rows.OrderBy(row => row.Place))
            .Take(count).ToListAsync(cancel);
    }

    private static AuditRow Copy(AuditRow row) => new()
    {
        Time = row.Time, IsRefused = row.IsRefused, Owner = row.Owner, TokenId = row.TokenId, Role = row.Role, Address = row.Address,
        Verb = row.Verb, Target = row.Target, Result = row.Result, Values = row.Values,
    };
}
