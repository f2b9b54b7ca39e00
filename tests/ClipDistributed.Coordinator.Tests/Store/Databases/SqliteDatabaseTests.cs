using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Databases;
using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.Data.Sqlite;

namespace ClipDistributed.Coordinator.Tests.Store.Databases;

public sealed class SqliteDatabaseTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private CoordinatorOptions Options => new() { StateDirectory = folder.File("state") };

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Open_NewState_IsItsOwnersAlone()
    {
        using var database = StoreSchema.Open(Options);
        Assert.Equal(GuardedFile.OwnerOnlyFolder, File.GetUnixFileMode(folder.File("state")));
        Assert.All(
            Directory.GetFiles(folder.File("state")),
            file => Assert.Equal((file, GuardedFile.OwnerOnly), (file, File.GetUnixFileMode(file)))
        );
    }

    [Fact]
    public void Open_StateThatAllCouldRead_IsItsOwnersAloneFromThenOn()
    {
        StoreSchema.Open(Options).Dispose();
        string file = folder.File("state/coordinator.db");
        File.SetUnixFileMode(file, GuardedFile.OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        StoreSchema.Open(Options).Dispose();
        Assert.Equal(GuardedFile.OwnerOnly, File.GetUnixFileMode(file));
    }

    /// <summary>As on a disk that is full.</summary>
    [Fact]
    public void Open_FirstStartThatWroteNothing_IsNoDamage()
    {
        new SqliteDatabase(folder.File("state")).Dispose();
        using var database = StoreSchema.Open(Options);
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("text")]
    [InlineData("noise")]
    [InlineData("another program's")]
    [InlineData("half")]
    [InlineData("hole")]
    [InlineData("no table")]
    [InlineData("unknown state")]
    [InlineData("unknown pause")]
    [InlineData("unknown device")]
    [InlineData("no date")]
    public async Task Open_DamagedDatabase_IsOneLineWithARemedyAndRebuiltWhenAsked(string damage)
    {
        using (var store = RunStore.Open(Options))
        {
            for (int run = 1; run <= 200; run++)
                await Add(store, run);
        }
        string file = folder.File("state/coordinator.db");
        Damage(file, damage);

        var refused = Assert.Throws<BadInputException>(() => RunStore.Open(Options));
        Assert.Matches(
            $"^{file} is damaged \\(.*\\); restore it from a copy, or rebuild its runs .* --rebuild DIR.*$",
            Assert.Single(refused.Errors)
        );
        byte[] before = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        using (var rebuilt = RunStore.Open(Options with { Rebuild = [folder.Path] }))
            Assert.Empty((await rebuilt.LoadAsync()).Runs);
        string aside = Assert.Single(
            Directory.GetFiles(folder.File("state"), "coordinator.db.damaged-*"),
            name => !name.EndsWith("-wal", StringComparison.Ordinal) && !name.EndsWith("-shm", StringComparison.Ordinal));
        Assert.Equal(before, await File.ReadAllBytesAsync(aside, TestContext.Current.CancellationToken));
    }

    private static Task Add(RunStore store, int number) =>
        store.AddAsync(
            new JobRow
            {
                JobId = $"demo-{number}",
                Name = "demo",
                RunDirectory = "/none",
                Submitted = DateTime.UnixEpoch,
                Spec = new byte[100],
            },
            new RunRow
            {
                RunId = $"demo-{number}",
                JobId = $"demo-{number}",
                Name = "demo",
                Number = number,
                RunDirectory = "/none",
                State = RunState.Succeeded,
            }
        );

    private static void Damage(string file, string damage)
    {
        byte[] bytes = File.ReadAllBytes(file);
        switch (damage)
        {
            case "empty":
                File.WriteAllBytes(file, []);
                break;
            case "text":
                File.WriteAllText(file, "this is not a database");
                break;
            case "noise":
                new Random(1).NextBytes(bytes);
                File.WriteAllBytes(file, bytes);
                break;
            case "another program's":
                File.Delete(file);
                Execute(file, "CREATE TABLE moz_places (id INTEGER PRIMARY KEY, url TEXT)");
                break;
            case "half":
                File.WriteAllBytes(file, bytes[..(bytes.Length / 2)]);
                break;
            case "hole":
                bytes.AsSpan(4096, bytes.Length - 8192).Fill(0x5A);
                File.WriteAllBytes(file, bytes);
                break;
            default:
                Execute(file, damage switch
                {
                    "no table" => "DROP TABLE replicas",
                    "unknown state" => "UPDATE runs SET State = 'Dancing' WHERE Number = 7",
                    "unknown device" => "INSERT INTO device_faults VALUES ('a', 'Abacus', 0, x'00', 'stuck')",
                    "unknown pause" => "UPDATE runs SET PauseRequest = 'Dancing' WHERE Number = 7",
                    _ => "UPDATE runs SET Submitted = 'yesterday' WHERE Number = 7",
                });
                break;
        }
    }

    private static void Execute(string file, string statement)
    {
        using var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ConnectionString
        );
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }

    [Theory]
    [InlineData("directory", "Is a directory")]
    [InlineData("pipe", "is not a plain file; remove it")]
    public void Open_NoFileInItsPlace_IsOneLine(string kind, string reason)
    {
        string file = folder.File("state/coordinator.db");
        Directory.CreateDirectory(kind == "directory" ? file : folder.File("state"));
        if (kind == "pipe")
            System.Diagnostics.Process.Start("mkfifo", file).WaitForExit();
        string error = Assert.Single(Assert.Throws<BadInputException>(() => RunStore.Open(Options)).Errors);
        Assert.StartsWith($"{file} cannot be ", error, StringComparison.Ordinal);
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public void Open_DiskIsReadOnly_IsOneLineWithARemedy()
    {
        using var disk = new SmallDisk(folder.File("state"), "4m");
        RunStore.Open(Options).Dispose();
        disk.MakeReadOnly();
        string error = Assert.Single(Assert.Throws<BadInputException>(() => RunStore.Open(Options)).Errors);
        Assert.Matches("Read-only file system.*; choose another (directory )?with --state\\.$", error);
    }

    [Theory]
    [InlineData(".lock")]
    [InlineData("coordinator.db")]
    public void Open_LinkInItsPlace_IsRefusedAndItsTargetStays(string name)
    {
        Directory.CreateDirectory(folder.File("state"));
        File.WriteAllText(folder.File("passwd"), "");
        File.CreateSymbolicLink(folder.File($"state/{name}"), folder.File("passwd"));
        var refused = Assert.Throws<BadInputException>(() => StoreSchema.Open(Options));
        Assert.Contains("is a symbolic link", Assert.Single(refused.Errors), StringComparison.Ordinal);
        Assert.Equal(0, new FileInfo(folder.File("passwd")).Length);
    }
}
