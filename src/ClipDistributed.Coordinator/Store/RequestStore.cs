using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore;

namespace ClipDistributed.Coordinator.Store;

/// <summary>The submissions that clients may repeat; <see cref="RunStore.AddAsync"/> adds them, with their runs. Thread-safe.</summary>
internal sealed class RequestStore(RunStore store)
{
    /// <returns>Null: there was none under this id, or it is forgotten.</returns>
    public async Task<RequestRow?> FindAsync(string requestId, CancellationToken cancel)
    {
        await using var db = store.Read();
        return await db.Requests.AsNoTracking().SingleOrDefaultAsync(row => row.RequestId == requestId, cancel);
    }

    /// <summary>Forgets those that are older, and the oldest where there are more.</summary>
    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    public Task ForgetAsync(DateTime before, int max) => store.WriteAsync(async db =>
    {
        await db.Requests.Where(row => row.Accepted < before).ExecuteDeleteAsync();
        int excess = await db.Requests.CountAsync() - max;
        if (excess <= 0)
            return;
        var last = await db.Requests.OrderBy(row => row.Accepted).Skip(excess - 1).Select(row => row.Accepted).FirstAsync();
        await db.Requests.Where(row => row.Accepted <= last).ExecuteDeleteAsync();
    });
}
