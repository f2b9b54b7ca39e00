using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Coordinator.Store.Migrations;
using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using static SQLitePCL.raw;

namespace ClipDistributed.Coordinator.Store.Databases;

/// <summary>A file in a folder on a local disk, which one coordinator uses at a time.</summary>
internal sealed class SqliteDatabase : IStoreDatabase
{
    /// <summary>How long a statement waits where another process has locked the file, seconds; it blocks its thread.</summary>
    private const int LockTimeout = 1;

    private readonly FileStream taken;

    /// <param name="watchers">Intercept the commands to the database.</param>
    /// <exception cref="BadInputException">The folder cannot be written, or another coordinator uses it.</exception>
    public SqliteDatabase(string folder, params IInterceptor[] watchers)
    {
        Name = NameIn(folder);
        taken = Take(folder);
        Guard(Name);
        Options = new DbContextOptionsBuilder<CoordinatorDb>()
            .UseSqlite(new SqliteConnectionStringBuilder { DataSource = Name, DefaultTimeout = LockTimeout }.ConnectionString)
            .ConfigureWarnings(MigrationWarnings.ByHand)
            .AddInterceptors([new SessionSetup("PRAGMA synchronous=FULL; PRAGMA journal_mode=WAL;"), .. watchers])
            .Options;
    }

    /// <summary>The file in a state folder.</summary>
    public static string NameIn(string folder) => Path.Combine(folder, "coordinator.db");

    public DbContextOptions<CoordinatorDb> Options { get; }

    public string Name { get; }

    public bool IsShared => false;

    /// <summary>Finds in a file what is neither table nor index: triggers would run while others write.</summary>
    /// <exception cref="BadInputException">There is one.</exception>
    public static void CheckPlain(string file)
    {
        var settings = new SqliteConnectionStringBuilder { DataSource = file, Pooling = false };
        using var database = new SqliteConnection(settings.ConnectionString);
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_master WHERE type NOT IN ('table', 'index')";
        if ((long)command.ExecuteScalar()! > 0)
            throw new BadInputException($"{file} has triggers or views, which no coordinator makes.");
    }

    /// <summary>The remedy for a damaged one, human-readable.</summary>
    public const string Remedy = "restore it from a copy, or rebuild its runs from their directories: clipd coordinator "
        + "--rebuild DIR... sets it aside and begins a new one";

    public string? FindDamage(CoordinatorDb db)
    {
        string found = db.Database.SqlQueryRaw<string>("SELECT quick_check AS Value FROM pragma_quick_check LIMIT 1").ToList()[0];
        if (found != "ok")
            return found.ReplaceLineEndings(" ");
        var names =
            from table in db.Model.GetEntityTypes()
            from property in table.GetProperties()
            let type = Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType
            where type.IsEnum // stored as text, which SQLite does not constrain
            select (table.GetTableName(), property.GetColumnName(), Enum.GetNames(type));
        foreach (var (table, column, known) in names)
        {
            string query = $"SELECT CAST(\"{column}\" AS TEXT) AS Value FROM {table} WHERE \"{column}\" NOT IN "
                + $"({string.Join(", ", known.Select(name => $"'{name}'"))}) LIMIT 1";
            if (db.Database.SqlQueryRaw<string>(query).ToList() is [var unknown])
                return $"table {table} has the unknown {column} '{Excerpt.Of(unknown, 40).ReplaceLineEndings(" ")}'";
        }
        return null;
    }

    /// <summary>Renames a damaged database, whole, so that it can be examined.</summary>
    public static string SetAside(string folder, DateTimeOffset now)
    {
        using var alone = Take(folder);
        string file = NameIn(folder), aside = $"{file}.damaged-{now:yyyyMMdd-HHmmss}";
        foreach (string ending in (string[])["", "-wal", "-shm"])
        {
            if (File.Exists(file + ending))
                File.Move(file + ending, aside + ending);
        }
        return aside;
    }

    public IReadOnlyList<string> Unlisted(CoordinatorDb db)
    {
        int version = db.Database.SqlQueryRaw<int>("SELECT user_version AS Value FROM pragma_user_version").Single();
        if (
            db.Database.SqlQueryRaw<string>("SELECT name AS Value FROM sqlite_master WHERE type = 'table'").ToList()
                is { Count: > 0 } tables
            && !tables.Contains("runs")
        )
            throw new StoreDamageException("it is another program's database, or has lost its table runs");
        return version switch
        {
            0 or LeaderMigration.SqliteVersion => [],
            1 => [JobsMigration.Id],
            2 => [JobsMigration.Id, ReplicasMigration.Id],
            _ => throw new BadInputException(
                $"{Name} has version {version}; this program knows {LeaderMigration.SqliteVersion}. Use the "
                    + $"program that wrote it, or another directory with --state."
            ),
        };
    }

    public bool IsUnavailable(Exception failed) =>
        failed switch
        {
            SqliteException
            {
                SqliteErrorCode: SQLITE_BUSY
                    or SQLITE_LOCKED
                    or SQLITE_FULL
                    or SQLITE_IOERR
                    or SQLITE_CANTOPEN
                    or SQLITE_READONLY
                    or SQLITE_NOMEM
                    or SQLITE_PERM
            } => true,
            DbUpdateException { InnerException: { } cause } => IsUnavailable(cause),
            _ => false,
        };

    public void Dispose()
    {
        using (var db = new CoordinatorDb(Options))
            SqliteConnection.ClearPool((SqliteConnection)db.Database.GetDbConnection());
        if (new FileInfo(Name) is { Exists: true, Length: 0 })
            File.Delete(Name); // created, but the disk had no room for its first page: the next start would take it for damaged
        taken.Dispose();
    }

    /// <summary>
    /// Creates the file before SQLite does, which copies its mode to the files beside it: it holds every spec and the hashes of secrets.
    /// </summary>
    private void Guard(string file)
    {
        try
        {
            bool isNew = !File.Exists(file);
            using var made = GuardedFile.Open(file, isPrivate: true);
            if (!isNew && made.Length == 0)
                throw new StoreDamageException("it is empty");
            File.SetUnixFileMode(made.SafeFileHandle, GuardedFile.OwnerOnly); // a former version may have made it
        }
        catch (StoreDamageException)
        {
            taken.Dispose();
            throw;
        }
        catch (Exception denied) when (denied is UnauthorizedAccessException or IOException)
        {
            taken.Dispose();
            throw new BadInputException($"{file} cannot be written ({denied.Message}); choose another directory with --state.");
        }
    }

    public static string LockIn(string folder) => Path.Combine(folder, ".lock");

    /// <summary>The lock is the open file: it is gone when its process is.</summary>
    public static FileStream Take(string folder)
    {
        string file = LockIn(folder);
        try
        {
            Directory.CreateDirectory(folder, GuardedFile.OwnerOnlyFolder);
            return GuardedFile.Lock(file, isPrivate: true, patience: GuardedFile.ForkTime);
        }
        catch (IOException held) when (held.HResult == GuardedFile.Locked)
        {
            throw new BadInputException(
                $"The state directory {folder} is in use by another coordinator; stop that one, or choose another directory with --state.");
        }
        catch (Exception denied) when (denied is UnauthorizedAccessException or IOException)
        {
            throw new BadInputException($"The state directory {folder} cannot be written ({denied.Message}); choose another with --state.");
        }
    }
}
