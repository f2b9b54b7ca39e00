using System.Data;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store.Databases;
using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ClipDistributed.Coordinator.Store.Backups;

/// <summary>Copies a store, as of one moment and while it is written, into a SQLite database of the same tables.</summary>
internal static class StoreSnapshot
{
    /// <param name="store">Is not blocked meanwhile.</param>
    /// <param name="folder">Empty; receives the database.</param>
    /// <returns>The database, one file.</returns>
    public static async Task<string> MakeAsync(CoordinatorDb store, string folder, CancellationToken cancel)
    {
        string file = SqliteDatabase.NameIn(folder);
        if (store.Database.IsNpgsql())
            await CopyRowsAsync(store, folder, cancel);
        else
            await Task.Run(() => CopyPages((SqliteConnection)store.Database.GetDbConnection(), file), cancel);
        return file;
    }

    /// <summary>By SQLite's online backup: a reader, which sees one state of a database in WAL mode and holds up no writer.</summary>
    private static void CopyPages(SqliteConnection store, string file)
    {
        GuardedFile.CreateNew(file).Dispose();
        using var copy = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ConnectionString);
        copy.Open();
        store.Open();
        store.BackupDatabase(copy);
        using var command = copy.CreateCommand();
        command.CommandText = "PRAGMA journal_mode=DELETE"; // what is in no file beside it is not in the backup
        command.ExecuteNonQuery();
    }

    private static async Task CopyRowsAsync(CoordinatorDb store, string folder, CancellationToken cancel)
    {
        using var database = StoreSchema.Open(new CoordinatorOptions { StateDirectory = folder });
        await using var copy = new CoordinatorDb(database.Options);
        await using var moment = await store.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        await using var writing = await copy.Database.BeginTransactionAsync(cancel);
        await RowCopy.RunAsync(store, copy, cancel);
        await writing.CommitAsync(cancel);
    }
}
