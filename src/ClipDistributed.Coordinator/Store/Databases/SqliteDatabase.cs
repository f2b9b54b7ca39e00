using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Coordinator.Store.Migrations;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using static SQLitePCL.raw;

namespace ClipDistributed.Coordinator.Store.Databases;

/// <summary>A file in a folder on a local disk, which one coordinator uses at a time.</summary>
internal sealed class SqliteDatabase : IStoreDatabase
{
    /// <summary>How long a statement waits where another process has locked the file, seconds; it blocks its thread.</summary>
    private const int LockPatience = 1;

    private readonly FileStream taken;

    /// <param name="watchers">See what is sent to the database.</param>
    /// <exception cref="BadInputException">The folder cannot be written, or another coordinator uses it.</exception>
    public SqliteDatabase(string folder, params IInterceptor[] watchers)
    {
        Name = Path.Combine(folder, "coordinator.db");
        taken = Take(folder);
        Guard(Name);
        Options = new DbContextOptionsBuilder<CoordinatorDb>()
            .UseSqlite(new SqliteConnectionStringBuilder { DataSource = Name, DefaultTimeout = LockPatience }.ConnectionString)
            .ConfigureWarnings(StoreSchema.ByHand)
            .AddInterceptors([new SessionSetup("PRAGMA synchronous=FULL; PRAGMA journal_mode=WAL;"), .. watchers])
            .Options;
    }

    public DbContextOptions<CoordinatorDb> Options { get; }

    public string Name { get; }

    public bool IsShared => false;

    public IReadOnlyList<string> Unlisted(CoordinatorDb db)
    {
        int version = db.Database.SqlQueryRaw<int>("SELECT user_version AS Value FROM pragma_user_version").Single();
        return version switch
        {
            0 or LeaderMigration.SqliteVersion => [],
            1 => [JobsMigration.Id],
            2 => [JobsMigration.Id, ReplicasMigration.Id],
            _ => throw new BadInputException($"{Name} has version {version}; this program knows {LeaderMigration.SqliteVersion}. Use the program that wrote it, or another directory with --state."),
        };
    }

    public bool IsAway(Exception failed) => failed switch
    {
        SqliteException { SqliteErrorCode: SQLITE_BUSY or SQLITE_LOCKED or SQLITE_FULL or SQLITE_IOERR or SQLITE_CANTOPEN or SQLITE_READONLY or SQLITE_NOMEM or SQLITE_PERM } => true,
        DbUpdateException { InnerException: { } cause } => IsAway(cause),
        _ => false,
    };

    public void Dispose()
    {
        using (var db = new CoordinatorDb(Options))
            SqliteConnection.ClearPool((SqliteConnection)db.Database.GetDbConnection());
        taken.Dispose();
    }

    /// <summary>Made before SQLite makes it, whose files beside it have the same mode: it holds who may do what, and every spec.</summary>
    private void Guard(string file)
    {
        try
        {
            using var made = GuardedFile.Open(file, isPrivate: true);
            File.SetUnixFileMode(made.SafeFileHandle, GuardedFile.OwnerOnly); // a former version may have made it
        }
        catch (Exception denied) when (denied is UnauthorizedAccessException or IOException)
        {
            taken.Dispose();
            throw new BadInputException($"{file} cannot be written ({denied.Message}); choose another directory with --state.");
        }
    }

    /// <summary>The lock is the open file: it is gone when its process is.</summary>
    private static FileStream Take(string folder)
    {
        string file = Path.Combine(folder, ".lock");
        try
        {
            Directory.CreateDirectory(folder, GuardedFile.OwnerOnlyFolder);
            return GuardedFile.Lock(file, isPrivate: true);
        }
        catch (IOException held) when (held.HResult == GuardedFile.Locked)
        {
            throw new BadInputException($"The state directory {folder} is in use by another coordinator; stop that one, or choose another directory with --state.");
        }
        catch (Exception denied) when (denied is UnauthorizedAccessException or IOException)
        {
            throw new BadInputException($"The state directory {folder} cannot be written ({denied.Message}); choose another with --state.");
        }
    }
}
