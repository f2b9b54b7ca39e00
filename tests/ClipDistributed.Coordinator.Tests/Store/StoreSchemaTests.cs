using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Databases;
using ClipDistributed.Coordinator.Store.Migrations;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Tests.Store.Databases;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Tests.Store;

[Collection(StoreCollection.Name)]
public sealed class StoreSchemaTests(StoreProviders providers)
{
    private const string SqliteColumns = """
        SELECT t.name || '.' || c.name || ' ' || c.type || ' ' || c."notnull" || ' key ' || c.pk AS "Value"
        FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'
        UNION ALL SELECT i.name || ' on ' || i.tbl_name || ': ' || c.name
            FROM sqlite_master i, pragma_index_info(i.name) c WHERE i.type = 'index'
        """;

    private const string PostgresColumns = """
        SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || is_identity AS "Value"
        FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
        """;

    [Theory, MemberData(nameof(StoreProviders.All), MemberType = typeof(StoreProviders))]
    public async Task Open_NewDatabase_HasTheModelsTables(string provider)
    {
        using var folder = new TemporaryFolder();
        using var other = new TemporaryFolder();
        using var migrated = StoreSchema.Open(await providers.NewAsync(provider, folder));
        using var modelled = Unprepared(await providers.NewAsync(provider, other));
        await using (var db = new CoordinatorDb(modelled.Options))
        {
            await db.Database.OpenConnectionAsync(); // the file is there already, and empty
            await db.GetService<IRelationalDatabaseCreator>().EnsureCreatedAsync();
        }
        Assert.Equal(await ColumnsAsync(modelled), await ColumnsAsync(migrated));
    }

    [Fact]
    public void Migrations_Ids_AreDates() => Assert.All(StoreSchema.Migrations, id =>
        Assert.True(DateTime.TryParseExact(id.Split('_')[0], "yyyyMMddHHmmss", null, default, out _), id));

    [Theory, MemberData(nameof(StoreProviders.All), MemberType = typeof(StoreProviders))]
    public async Task Open_LaterProgramWroteIt_IsRefused(string provider)
    {
        using var folder = new TemporaryFolder();
        var options = await providers.NewAsync(provider, folder);
        using (var database = StoreSchema.Open(options))
        {
            await using var db = new CoordinatorDb(database.Options);
            await db.Database.ExecuteSqlRawAsync("""INSERT INTO "__EFMigrationsHistory" VALUES ('29990101000000_Later', '99.0.0')""");
        }
        var refused = Assert.Throws<BadInputException>(() => StoreSchema.Open(options));
        Assert.EndsWith(
            "was made by a later version of this program (29990101000000_Later); use that one, or another store.",
            Assert.Single(refused.Errors),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(1, RunState.Failed, 0)] // replicas ended with their coordinator then
    [InlineData(2, RunState.Running, 1)]
    public async Task Open_FileOfAnOlderVersion_IsMigrated(int version, RunState state, int generations)
    {
        using var folder = new TemporaryFolder();
        Execute(folder.File("coordinator.db"), OldTables.Of(version) + OldTables.RowsOf(version));

        using var store = RunStore.Open(new CoordinatorOptions { StateDirectory = folder.Path });

        var (jobs, runs) = await store.LoadAsync();
        Assert.Equal(["old"], jobs.Select(job => job.JobId));
        Assert.Equal([("old-1", RunState.Succeeded, 40L), ("old-2", state, 7L)], runs.Select(run => (run.RunId, run.State, run.Step)));
        Assert.Equal(generations, (await store.HistoryAsync(runs[1])).Generation is null ? 0 : 1);
        var record = Assert.Single(await store.RecordsAsync("old-1", 0, 10, CancellationToken.None));
        Assert.Equal("no space on /x", StoredRecord.Parse(record.Record).Failed.Text);
        (runs[1].Step, runs[1].Saves) = (8, 1);
        await store.SaveAsync(runs[1], new RunNews());
    }

    /// <summary>Columns and values had other names then.</summary>
    [Theory, MemberData(nameof(StoreProviders.All), MemberType = typeof(StoreProviders))]
    public async Task Open_TablesBeforeStatesHadTheirNames_KeepsWhatTheyHold(string provider)
    {
        using var folder = new TemporaryFolder();
        var options = await providers.NewAsync(provider, folder);
        using (var old = Unprepared(options))
        {
            await using var db = new CoordinatorDb(old.Options);
            await db.Database.OpenConnectionAsync(); // the file is there already, and empty
            await db.GetService<IMigrator>().MigrateAsync(HostSecretsMigration.Id);
            await db.Database.ExecuteSqlRawAsync("""
                INSERT INTO runs ("RunId", "JobId", "Name", "Number", "RunDirectory", "Phase", "Reason", "Generation", "Step",
                    "Steps", "Submitted", "Wish", "EndPhase", "WantsCheckpoint")
                    VALUES ('old-1', 'old', 'old', 1, '/old', 'Waiting', 'r', 1, 7, 40, '2026-01-02', 'Stopping', 'Stopped', TRUE);
                INSERT INTO incidents
                    VALUES ('old-1', 1, '2026-01-02', NULL, 'StoreAway', 1, '', '', 'e', '', '2026-01-02', 0, 0, NULL, NULL, 3, 0);
                INSERT INTO shares VALUES ('old-1', 1, 5, '4');
                UPDATE coordinator SET "Beat" = 9;
                """);
        }
        using var database = StoreSchema.Open(options);
        await using var now = new CoordinatorDb(database.Options);
        var run = await now.Runs.SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            (RunState.Waiting, RunState.Stopping, RunState.Stopped, true),
            (run.State, run.StopRequest, run.EndState, run.CheckpointRequested)
        );
        var incident = await now.Incidents.SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal((IncidentKind.StoreUnavailable, 3), (incident.Kind, incident.StepsRecomputed));
        Assert.Equal("", (await now.Shares.SingleAsync(TestContext.Current.CancellationToken)).Reason);
        Assert.Equal(9, (await now.Coordinator.SingleAsync(TestContext.Current.CancellationToken)).Heartbeats);
    }

    [Fact]
    public void Open_FileOfALaterVersion_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var options = new CoordinatorOptions { StateDirectory = folder.Path };
        StoreSchema.Open(options).Dispose();
        Execute(folder.File("coordinator.db"), "PRAGMA user_version=7");
        Assert.Contains(
            "has version 7; this program knows 3",
            Assert.Throws<BadInputException>(() => StoreSchema.Open(options)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Open_NoDatabase_IsRefused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("coordinator.db"), new string('x', 5000));
        var refused = Assert.Throws<BadInputException>(() => StoreSchema.Open(new CoordinatorOptions { StateDirectory = folder.Path }));
        Assert.StartsWith($"{folder.File("coordinator.db")} is damaged", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoServer_IsRefusedWithoutThePassword()
    {
        var connection = StoreConnection.Parse("Host=127.0.0.1;Port=1;Database=clipd;Username=clipd;Password=geheim");
        var refused = Assert.Throws<BadInputException>(() => StoreSchema.Open(new CoordinatorOptions { Store = connection }));
        Assert.StartsWith(
            "PostgreSQL at 127.0.0.1:1, database clipd cannot be used (Connection refused",
            Assert.Single(refused.Errors),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(
            "geheim",
            $"{refused} {connection} {new CoordinatorOptions { Store = connection }}",
            StringComparison.Ordinal
        );
    }

    private static IStoreDatabase Unprepared(CoordinatorOptions options) =>
        options.Store is { } connection ? new PostgresDatabase(connection) : new SqliteDatabase(options.StateDirectory);

    private static async Task<List<string>> ColumnsAsync(IStoreDatabase database)
    {
        await using var db = new CoordinatorDb(database.Options);
        var columns = await db.Database.SqlQueryRaw<string>(db.Database.IsNpgsql() ? PostgresColumns : SqliteColumns).ToListAsync();
        return
        [
            .. columns
                .Where(column =>
                    !column.Contains("__EFMigrations", StringComparison.Ordinal) && !column.StartsWith("sqlite_", StringComparison.Ordinal)
                )
                .Order(StringComparer.Ordinal),
        ];
    }

    private static void Execute(string file, string statements)
    {
        using var database = new SqliteConnection($"Data Source={file};Pooling=False");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = statements;
        command.ExecuteNonQuery();
    }
}
