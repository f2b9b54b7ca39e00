using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Databases;
using ClipDistributed.Coordinator.Store.Migrations;
using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ClipDistributed.TestKit.Simulation.Stores;

/// <summary>The real store, in a database in memory: tables and statements are those of a coordinator.</summary>
internal sealed class DatabaseStore : ISimulatedStore
{
    private static readonly Lazy<SqliteConnection> Empty = new(MakeEmpty);

    private readonly SqliteConnection connection = NewConnection();
    private readonly List<RunStore> stores = [];

    public DatabaseStore()
    {
        lock (Empty)
            Empty.Value.BackupDatabase(connection); // a hundred times as quick as the migrations
    }

    public IRunStore Lead(StoreFaults faults)
    {
        var seen = new Database(OptionsOf(connection).AddInterceptors(new FailingCommits(faults)).Options);
        var leader = RunStore.ReadLeaderAsync(seen, CancellationToken.None).GetAwaiter().GetResult();
        stores.Add(RunStore.TryLeadAsync(seen, leader, Guid.NewGuid().ToString("N")).GetAwaiter().GetResult()!);
        return stores[^1];
    }

    public bool IsKept(string runId, StartGeneration generation)
    {
        using var db = new CoordinatorDb(OptionsOf(connection).Options);
        return db.Generations.Any(row =>
            row.RunId == runId && row.Number == generation.Generation && row.StartStep == generation.StartStep
        );
    }

    public string SharesOf(string runId, long generation, long step)
    {
        using var db = new CoordinatorDb(OptionsOf(connection).Options);
        var changes = db.Shares.Where(row => row.RunId == runId && row.Generation == generation && row.FirstStep <= step);
        return changes.OrderByDescending(row => row.FirstStep).FirstOrDefault()?.Shares
            ?? db.Generations.Single(row => row.RunId == runId && row.Number == generation).Shares;
    }

    public void Dispose()
    {
        stores.ForEach(store => store.Dispose());
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
        new DbContextOptionsBuilder<CoordinatorDb>().UseSqlite(connection).ConfigureWarnings(MigrationWarnings.ByHand);

    /// <summary>As one coordinator sees it.</summary>
    private sealed class Database(DbContextOptions<CoordinatorDb> options) : IStoreDatabase
    {
        public DbContextOptions<CoordinatorDb> Options => options;

        public string Name => "the simulated store";

        public bool IsShared => true;

        public IReadOnlyList<string> Unlisted(CoordinatorDb db) => [];

        public string? FindDamage(CoordinatorDb db) => null;

        public bool IsUnavailable(Exception failed) => StoreFaults.IsOne(failed);

        public void Dispose()
        {
        }
    }
}
