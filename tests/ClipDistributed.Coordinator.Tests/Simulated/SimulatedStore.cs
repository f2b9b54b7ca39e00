using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Databases;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SQLitePCL;

namespace ClipDistributed.Coordinator.Tests.Simulated;

/// <summary>A database in memory, which coordinators share as they share one of PostgreSQL's: the tables and statements are the real ones.</summary>
internal sealed class SimulatedStore : IStoreDatabase
{
    private static readonly Lazy<SqliteConnection> Empty = new(MakeEmpty);

    private readonly SqliteConnection connection;
    private readonly bool isOwner;

    /// <summary>A new one.</summary>
    public SimulatedStore()
    {
        (connection, isOwner) = (NewConnection(), true);
        lock (Empty)
            Empty.Value.BackupDatabase(connection); // a hundred times as quick as the migrations
        Options = OptionsOf(connection).Options;
    }

    private SimulatedStore(SqliteConnection connection, StoreFaults faults)
    {
        this.connection = connection;
        Options = OptionsOf(connection).AddInterceptors(faults).Options;
    }

    public DbContextOptions<CoordinatorDb> Options { get; }

    public string Name => "the simulated store";

    public bool IsShared => true;

    public IReadOnlyList<string> Unlisted(CoordinatorDb db) => [];

    public bool IsAway(Exception failed) => failed is SqliteException { SqliteErrorCode: raw.SQLITE_FULL or raw.SQLITE_IOERR };

    /// <summary>The same one as another process sees it.</summary>
    public SimulatedStore Seen(StoreFaults faults) => new(connection, faults);

    public void Dispose()
    {
        if (isOwner)
            connection.Dispose();
    }

    private static SqliteConnection MakeEmpty()
    {
        var empty = NewConnection();
        using var db = new CoordinatorDb(OptionsOf(empty).Options);
        db.Database.Migrate();
        return empty;
    }

    private static SqliteConnection NewConnection()
    {
        var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        return connection;
    }

    private static DbContextOptionsBuilder<CoordinatorDb> OptionsOf(SqliteConnection connection) =>
        new DbContextOptionsBuilder<CoordinatorDb>().UseSqlite(connection).ConfigureWarnings(StoreSchema.ByHand);
}
