using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore;

namespace ClipDistributed.Coordinator.Store;

internal sealed partial class RunStore
{
    public async Task<IReadOnlyList<ReplicaRow>> FailuresAsync(DateTime since)
    {
        await using var db = new CoordinatorDb(database.Options);
        return await db
            .Replicas.AsNoTracking()
            .Where(row => (row.Cause != "" || row.DeviceCause != "") && row.Released >= since)
            .OrderBy(row => row.Released)
            .ToListAsync();
    }

    public Task ClearFailuresAsync(string host) => WriteAsync(db => db
        .Replicas.Where(row => row.Host == host && (row.Cause != "" || row.DeviceCause != ""))
        .ExecuteUpdateAsync(row => row.SetProperty(one => one.Cause, "").SetProperty(one => one.DeviceCause, "")));

    /// <summary>The hosts that a former coordinator has stored.</summary>
    public async Task<IReadOnlyList<HostRow>> HostsAsync()
    {
        await using var db = new CoordinatorDb(database.Options);
        return await db.Hosts.AsNoTracking().ToListAsync();
    }

    /// <exception cref="TermOverException">Another coordinator owns the store.</exception>
    public Task SaveHostsAsync(IReadOnlyList<HostRow> changed, IReadOnlyList<string> forgotten) => WriteAsync(async db =>
    {
        // a statement has a limited number of values
        foreach (string[] names in changed.Select(row => row.Name).Concat(forgotten).Chunk(500))
            await db.Hosts.Where(row => names.Contains(row.Name)).ExecuteDeleteAsync();
        db.Hosts.AddRange(changed);
    });
}
