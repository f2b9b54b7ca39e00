using System.Text.Json;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore;

namespace ClipDistributed.Coordinator.Tests.Store.Backups;

/// <summary>All rows of a store as lines, by table: the same of either database.</summary>
internal static class StoredRows
{
    /// <param name="without">A table that is left out.</param>
    public static async Task<List<string>> ReadAsync(CoordinatorOptions options, string without = "")
    {
        using var database = StoreSchema.Open(options);
        await using var db = new CoordinatorDb(database.Options);
        var lines = new List<string>();
        foreach (var table in db.Model.GetEntityTypes().Where(one => one.GetTableName() != without))
        {
            var rows = (IQueryable<object>)typeof(DbContext).GetMethod(nameof(DbContext.Set), [])!
                .MakeGenericMethod(table.ClrType).Invoke(db, null)!;
            await foreach (object row in rows.AsNoTracking().AsAsyncEnumerable())
                lines.Add($"{table.GetTableName()}: {JsonSerializer.Serialize(row, table.ClrType)}");
        }
        lines.Sort(StringComparer.Ordinal);
        return lines;
    }
}
