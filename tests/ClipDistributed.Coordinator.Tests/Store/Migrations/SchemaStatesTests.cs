using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Databases;
using ClipDistributed.Coordinator.Store.Migrations;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Tests.Store.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Tests.Store.Migrations;

/// <summary>Stores that each version of the tables has left, with a row in each table.</summary>
[Collection(StoreCollection.Name)]
public sealed class SchemaStatesTests(StoreProviders providers)
{
    /// <summary>What a row of an older table has in a column that was added since, unless its default is 0, empty or NULL.</summary>
    private static readonly Dictionary<string, string> Defaults = new(StringComparer.Ordinal) { ["runs.PauseRequest"] = "Unspecified" };

    private static readonly string[] Nothing = ["0", "0.0", "false", "", "NULL", @"\x"];

    /// <summary>All but the first, whose rows the next migration changes: StoreSchemaTests has them.</summary>
    public static TheoryData<string, string> States
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (string provider in StoreProviders.All.Select(row => row.Data))
            {
                foreach (string state in StoreSchema.Migrations.Except([JobsMigration.Id]))
                    all.Add(provider, state);
            }
            return all;
        }
    }

    [Theory, MemberData(nameof(States))]
    public async Task Open_TablesOfAnyState_KeepWhatTheyHold(string provider, string state)
    {
        using var folder = new TemporaryFolder();
        var options = await providers.NewAsync(provider, folder);
        var before = await FillAsync(options, state);

        Dictionary<string, string> after;
        using (var database = StoreSchema.Open(options))
        {
            await using var db = new CoordinatorDb(database.Options);
            foreach (string table in db.Model.GetEntityTypes().Select(one => one.GetTableName()!)
                .Where(name => !before.Keys.Any(column => column.StartsWith($"{name}.", StringComparison.Ordinal))))
            {
                string rows = $"SELECT count(*) AS \"Value\" FROM {table}";
                Assert.Equal((table, 0), (table, await db.Database.SqlQueryRaw<int>(rows).SingleAsync(Cancel)));
                string drop = $"DROP TABLE {table}"; // it is compared no more
                await db.Database.ExecuteSqlRawAsync(drop, Cancel);
            }
            after = await new SchemaRows(db).ReadAsync();
        }

        foreach (var (column, value) in before)
            Assert.Equal((column, value), (column, after[NewName(column)]));
        var added = after.Keys.Except(before.Keys.Select(NewName));
        Assert.All(added, column => Assert.Contains(after[column], Defaults.TryGetValue(column, out string? value) ? [value] : Nothing));
    }

    /// <summary>The rows are not only there: a coordinator reads them, and writes them again.</summary>
    [Theory, MemberData(nameof(States))]
    public async Task Open_TablesOfAnyState_CanBeLedOnWith(string provider, string state)
    {
        using var folder = new TemporaryFolder();
        var options = await providers.NewAsync(provider, folder);
        await FillAsync(options, state);

        using var store = RunStore.Open(options);
        var (jobs, runs) = await store.LoadAsync();
        Assert.Equal("JobId of jobs", Assert.Single(jobs).JobId);
        var run = Assert.Single(runs);
        Assert.Single(await store.RecordsAsync("RunId of records", 0, 10, TestContext.Current.CancellationToken));
        (run.Step, run.Saves) = (9, run.Saves + 1);
        await store.SaveAsync(run, new RunNews());
        await store.AddAsync(SampleRows.Job(), SampleRows.Run());
        await store.SaveAsync((await store.LoadAsync()).Runs[1], SampleRows.News());
        Assert.Equal([9L, 3L], (await store.LoadAsync()).Runs.Select(one => one.Step));
    }

    private static string NewName(string column) => SchemaRows.Renamed.GetValueOrDefault(column, column);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <returns>What its tables hold.</returns>
    private static async Task<Dictionary<string, string>> FillAsync(CoordinatorOptions options, string state)
    {
        using IStoreDatabase old = options.Store is { } connection
            ? new PostgresDatabase(connection) : new SqliteDatabase(options.StateDirectory);
        await using var db = new CoordinatorDb(old.Options);
        await db.Database.OpenConnectionAsync(); // the file is there already, and empty
        await db.GetService<IMigrator>().MigrateAsync(state);
        return await new SchemaRows(db).AddAsync();
    }
}
