using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Tests.Scripted;
using ClipDistributed.Coordinator.Tests.Store.Databases;
using ClipDistributed.Coordinator.Tests.Store.Migrations;
using ClipDistributed.TestKit.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace ClipDistributed.Coordinator.Tests.Store.Backups;

[Collection(StoreCollection.Name)]
public sealed class StoreRestoreTests(StoreProviders providers) : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (string from in StoreProviders.All.Select(row => row.Data))
            {
                foreach (string to in StoreProviders.All.Select(row => row.Data))
                    pairs.Add(from, to);
            }
            return pairs;
        }
    }

    public void Dispose() => folder.Dispose();

    [Theory, MemberData(nameof(Pairs))]
    public async Task Restore_OfEitherDatabase_IntoEither_HasAllRowsAndAddsMore(string from, string to)
    {
        var (source, target) = (await NewAsync(from, "source"), await NewAsync(to, "target"));
        await FillAsync(source, "Succeeded");
        var expected = await StoredRows.ReadAsync(source, without: "coordinator");

        await StoreBackups.RestoreAsync(target, await StoreBackups.MakeAsync(folder, source));

        Assert.Equal(expected, await StoredRows.ReadAsync(target, without: "coordinator"));
        using var store = RunStore.Open(target);
        await store.AddAsync(SampleRows.Job(), SampleRows.Run());
        Assert.Equal(2, (await store.LoadAsync()).Runs[^1].Place);
    }

    [Fact]
    public async Task Restore_NewState_IsItsOwnersAloneAndLeavesNothingElse()
    {
        var (source, target) = (await NewAsync(StoreProviders.Sqlite, "source"), await NewAsync(StoreProviders.Sqlite, "target"));
        await FillAsync(source, "Succeeded");
        await StoreBackups.RestoreAsync(target, await StoreBackups.MakeAsync(folder, source));

        Assert.Equal(GuardedFile.OwnerOnlyFolder, File.GetUnixFileMode(target.StateDirectory));
        Assert.Equal(
            ["coordinator.db"],
            Directory.GetFiles(target.StateDirectory, "*", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(target.StateDirectory, path)).OrderByDescending(path => path.Length));
        Assert.Equal(GuardedFile.OwnerOnly, File.GetUnixFileMode(Path.Combine(target.StateDirectory, "coordinator.db")));
    }

    /// <summary>Whatever was given out after the backup, and after an earlier restore of it, is not given out again.</summary>
    [Theory, MemberData(nameof(StoreProviders.All), MemberType = typeof(StoreProviders))]
    public async Task Restore_RunThatGoesOn_ReusesNoNumber(string provider)
    {
        var (source, target) = (await NewAsync(provider, "source"), await NewAsync(provider, "target"));
        await FillAsync(source, "Running");
        string file = await StoreBackups.MakeAsync(folder, source, Now.UtcDateTime);
        var time = new FakeTimeProvider(Now + TimeSpan.FromMinutes(10));
        var (term, generation, launched, record) = (0L, 0L, 0, 0L);
        for (int restore = 1; restore <= 2; restore++)
        {
            var restored = await StoreBackups.RestoreAsync(target, file, replace: true, time: time);
            Assert.Equal(["RunId of runs"], restored.Active);

            using var store = RunStore.Open(target);
            var run = Assert.Single((await store.LoadAsync()).Runs);
            Assert.True(store.Term > term + 5_000, $"term {store.Term} after {term}");
            Assert.True(run.Generation > generation + 5_000, $"generation {run.Generation} after {generation}");
            Assert.True(run.Launched > launched + 50, $"{run.Launched} replicas after {launched}");
            (term, generation, launched) = (store.Term, run.Generation, run.Launched);
            var history = await store.HistoryAsync(run);
            Assert.Empty(history.Replicas);
            Assert.Null(history.Generation);
            var notice = Assert.Single(await store.RecordsAsync(run.RunId, 0, 10, TestContext.Current.CancellationToken));
            Assert.NotNull(StoredRecord.Parse(notice.Record).Notice);
            Assert.True(notice.Sequence > record + 5_000, $"record {notice.Sequence} after {record}");
            record = notice.Sequence;
            await store.ResignAsync(TestContext.Current.CancellationToken);
            time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public async Task Restore_ClockIsBeforeTheBackup_IsRefused()
    {
        var (source, target) = (await NewAsync(StoreProviders.Sqlite, "source"), await NewAsync(StoreProviders.Sqlite, "target"));
        string file = await StoreBackups.MakeAsync(folder, source, Now.UtcDateTime);
        await RefusedAsync(target, file, "set the clock", time: new FakeTimeProvider(Now - TimeSpan.FromSeconds(1)));
        Assert.False(File.Exists(Path.Combine(target.StateDirectory, "coordinator.db")));
    }

    [Theory, MemberData(nameof(StoreProviders.All), MemberType = typeof(StoreProviders))]
    public async Task Restore_StoreThatHasJobs_IsRefusedUnlessItIsReplaced(string provider)
    {
        var (source, target) = (await NewAsync(provider, "source"), await NewAsync(provider, "target"));
        await FillAsync(source, "Succeeded");
        string file = await StoreBackups.MakeAsync(folder, source);
        using (var store = RunStore.Open(target))
            await store.AddAsync(SampleRows.Job(), SampleRows.Run());
        var before = await StoredRows.ReadAsync(target);

        await RefusedAsync(target, file, "has jobs and runs; --replace");

        Assert.Equal(before, await StoredRows.ReadAsync(target));
        var restored = await StoreBackups.RestoreAsync(target, file, replace: true);
        Assert.Equal(await StoredRows.ReadAsync(source, "coordinator"), await StoredRows.ReadAsync(target, "coordinator"));
        if (restored.Replaced is not { } aside)
            return;
        string old = folder.File("old");
        Directory.CreateDirectory(old);
        File.Move(aside, Path.Combine(old, "coordinator.db"));
        Assert.Equal(before, await StoredRows.ReadAsync(new CoordinatorOptions { StateDirectory = old }));
    }

    [Theory, MemberData(nameof(StoreProviders.All), MemberType = typeof(StoreProviders))]
    public async Task Restore_StoreOfARunningCoordinator_IsRefused(string provider)
    {
        var (source, target) = (await NewAsync(provider, "source"), await NewAsync(provider, "target"));
        string file = await StoreBackups.MakeAsync(folder, source);
        await using var coordinator = await TestCoordinator.StartAsync(options => options with
        {
            StateDirectory = target.StateDirectory, Store = target.Store, LeaderLease = TimeSpan.FromSeconds(1),
        });
        await RefusedAsync(target with { LeaderLease = TimeSpan.FromSeconds(1) }, file, "in use by", replace: true);
        Assert.Empty((await coordinator.Control.ListRunsAsync(new ListRunsRequest())).Runs); // it leads on
    }

    /// <summary>It was killed, and sends no heartbeat.</summary>
    [Fact]
    public async Task Restore_DatabaseOfADeadCoordinator_IsReplacedAfterItsLease()
    {
        Assert.SkipWhen(PostgresServer.Programs is null, PostgresServer.Missing);
        var target = await NewAsync(StoreProviders.Postgres, "target") with { LeaderLease = TimeSpan.FromSeconds(1) };
        string file = await StoreBackups.MakeAsync(folder, await NewAsync(StoreProviders.Sqlite, "source"));
        using var dead = RunStore.Open(target);
        await StoreBackups.RestoreAsync(target, file);
        await Assert.ThrowsAsync<TermOverException>(() => dead.AddAsync(SampleRows.Job(), SampleRows.Run()));
    }

    [Fact]
    public async Task Restore_DamagedStore_IsReplacedWhole()
    {
        var (source, target) = (await NewAsync(StoreProviders.Sqlite, "source"), await NewAsync(StoreProviders.Sqlite, "target"));
        await FillAsync(source, "Succeeded");
        string file = await StoreBackups.MakeAsync(folder, source);
        Directory.CreateDirectory(target.StateDirectory);
        foreach (string ending in (string[])["", "-wal", "-shm"])
            await File.WriteAllTextAsync(Path.Combine(target.StateDirectory, $"coordinator.db{ending}"), new string('x', 5_000));

        await RefusedAsync(target, file, "is there, and damaged; --replace");
        await StoreBackups.RestoreAsync(target, file, replace: true);

        Assert.Equal(await StoredRows.ReadAsync(source, "coordinator"), await StoredRows.ReadAsync(target, "coordinator"));
        Assert.NotEmpty(Directory.GetFiles(target.StateDirectory, "coordinator.db.replaced-*"));
    }

    /// <summary>A file with a right checksum, that no coordinator has made.</summary>
    [Theory]
    [InlineData("UPDATE coordinator SET \"Term\" = 9223372036854775000", "numbers are none that can have been given out")]
    [InlineData("UPDATE runs SET \"Generation\" = -1", "numbers are none that can have been given out")]
    [InlineData("CREATE TRIGGER pest AFTER UPDATE ON coordinator BEGIN DELETE FROM tokens; END", "restore another backup")]
    [InlineData("CREATE VIEW pest AS SELECT 1", "restore another backup")]
    public async Task Restore_BackupNoCoordinatorMakes_IsRefused(string statement, string why)
    {
        var (source, target) = (await NewAsync(StoreProviders.Sqlite, "source"), await NewAsync(StoreProviders.Sqlite, "target"));
        await FillAsync(source, "Running");
        string file;
        using (var database = StoreSchema.Open(source))
        {
            await using var db = new CoordinatorDb(database.Options);
            await db.Database.ExecuteSqlRawAsync(statement, TestContext.Current.CancellationToken);
            file = await StoreBackups.MakeAsync(folder, db);
        }
        await RefusedAsync(target, file, why);
    }

    [Fact]
    public async Task Restore_TokensAreToBeRevoked_NoneIsValid()
    {
        var (source, target) = (await NewAsync(StoreProviders.Sqlite, "source"), await NewAsync(StoreProviders.Sqlite, "target"));
        await FillAsync(source, "Succeeded");
        using (var database = StoreSchema.Open(source))
        {
            await using var db = new CoordinatorDb(database.Options);
            await db.Tokens.ExecuteUpdateAsync(
                row => row.SetProperty(one => one.Revoked, (DateTime?)null).SetProperty(one => one.Expires, (DateTime?)null));
        }
        string file = await StoreBackups.MakeAsync(folder, source);
        Assert.Equal(1, (await StoreBackups.RestoreAsync(target, file)).Tokens);
        Assert.Equal(0, (await StoreBackups.RestoreAsync(target, file, replace: true, revoke: true)).Tokens);
        Assert.Contains(await StoredRows.ReadAsync(target), row => row.StartsWith("tokens", StringComparison.Ordinal)
            && !row.Contains("\"Revoked\":null", StringComparison.Ordinal));
    }

    private async Task<CoordinatorOptions> NewAsync(string provider, string name) =>
        await providers.NewAsync(provider, folder) with { StateDirectory = folder.File(name) };

    /// <summary>A row in each table, of one run in this state.</summary>
    private static async Task FillAsync(CoordinatorOptions options, string state)
    {
        RunStore.Open(options).Dispose();
        using var database = StoreSchema.Open(options);
        await using var db = new CoordinatorDb(database.Options);
        await new SchemaRows(db).AddAsync();
        await db.Database.ExecuteSqlAsync(
            $"UPDATE runs SET \"State\" = {state}, \"Deleted\" = NULL, \"RunId\" = 'RunId of runs'",
            TestContext.Current.CancellationToken);
    }

    private static async Task RefusedAsync(
        CoordinatorOptions options, string file, string why, bool replace = false, TimeProvider? time = null)
    {
        var refused = await Assert.ThrowsAsync<BadInputException>(() => StoreBackups.RestoreAsync(options, file, replace, time: time));
        Assert.Contains(why, Assert.Single(refused.Errors), StringComparison.Ordinal);
    }
}
