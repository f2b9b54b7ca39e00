using System.Reflection;
using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace ClipDistributed.Coordinator.Store.Backups;

/// <summary>Replaces all rows of one store by those of another, of whatever database each is.</summary>
internal static class RowCopy
{
    private const int BatchSize = 1_000;

    /// <summary>A million records take longer than any other statement.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    private static readonly MethodInfo OfTable =
        typeof(RowCopy).GetMethod(nameof(TableAsync), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>A server ends a session that stands still amid a transaction; here it waits for the other database.</summary>
    private const string Session = "SET LOCAL idle_in_transaction_session_timeout='1h'";

    /// <param name="from">In a transaction, so that all rows are of one moment.</param>
    /// <param name="to">In a transaction, which the caller commits.</param>
    public static async Task RunAsync(CoordinatorDb from, CoordinatorDb to, CancellationToken cancel)
    {
        from.Database.SetCommandTimeout(Patience);
        to.Database.SetCommandTimeout(Patience);
        foreach (var server in new[] { from, to }.Where(one => one.Database.IsNpgsql()))
            await server.Database.ExecuteSqlRawAsync(Session, cancel);
        to.ChangeTracker.AutoDetectChangesEnabled = false;
        foreach (var table in from.Model.GetEntityTypes()) // a table that is added later is copied too
        {
            await (Task)OfTable.MakeGenericMethod(table.ClrType).Invoke(null, [from, to, cancel])!;
            if (to.Database.IsNpgsql())
                await CountOnAsync(table, to, cancel);
        }
    }

    private static async Task TableAsync<T>(CoordinatorDb from, CoordinatorDb to, CancellationToken cancel)
        where T : class
    {
        await to.Set<T>().ExecuteDeleteAsync(cancel);
        int added = 0;
        await foreach (var row in from.Set<T>().AsNoTracking().AsAsyncEnumerable().WithCancellation(cancel))
        {
            to.Add(row);
            if (++added % BatchSize == 0)
                await FlushAsync();
        }
        await FlushAsync();

        async Task FlushAsync()
        {
            await to.SaveChangesAsync(cancel);
            to.ChangeTracker.Clear();
        }
    }

    /// <summary>PostgreSQL numbers new rows without a look at those that were inserted with their numbers; SQLite looks.</summary>
    private static async Task CountOnAsync(IEntityType table, CoordinatorDb to, CancellationToken cancel)
    {
        foreach (var property in table.GetKeys().SelectMany(key => key.Properties).Where(one => one.ValueGenerated == ValueGenerated.OnAdd))
        {
            string name = table.GetTableName()!, column = property.GetColumnName();
            // Both names are the model's own.
            string statement = $"SELECT setval(pg_get_serial_sequence('{name}', '{column}'), MAX(\"{column}\")) FROM \"{name}\"";
            await to.Database.ExecuteSqlRawAsync(statement, cancel);
        }
    }
}
