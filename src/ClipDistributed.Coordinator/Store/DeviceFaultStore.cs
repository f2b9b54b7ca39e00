using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore;

namespace ClipDistributed.Coordinator.Store;

/// <summary>The durable faults of devices. Writes are idempotent and can be retried. Thread-safe.</summary>
internal sealed class DeviceFaultStore(RunStore store)
{
    public async Task<IReadOnlyList<DeviceFaultRow>> AllAsync()
    {
        await using var db = store.Read();
        return await db.DeviceFaults.AsNoTracking().ToListAsync();
    }

    /// <summary>Replaces all that are stored.</summary>
    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    public Task ReplaceAsync(IReadOnlyList<DeviceFaultRow> all) => store.WriteAsync(async db =>
    {
        await db.DeviceFaults.ExecuteDeleteAsync();
        db.DeviceFaults.AddRange(all);
    });
}
