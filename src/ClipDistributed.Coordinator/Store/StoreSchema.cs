using System.Data.Common;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store.Databases;
using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store;

/// <summary>Opens a coordinator's database, and migrates its tables to this version.</summary>
internal static class StoreSchema
{
    /// <param name="watchers">Intercept the commands to the database.</param>
    /// <exception cref="BadInputException">It cannot be reached, is not a database, is damaged, or was made by a later version.</exception>
    public static IStoreDatabase Open(CoordinatorOptions options, params IInterceptor[] watchers)
    {
        try
        {
            return OpenSound(options, watchers);
        }
        catch (StoreDamageException) when (options is { Store: null, Rebuild.Count: > 0 })
        {
            SqliteDatabase.SetAside(options.StateDirectory, DateTimeOffset.UtcNow);
            return OpenSound(options, watchers);
        }
        catch (StoreDamageException damaged)
        {
            throw new BadInputException(damaged.Message);
        }
    }

    /// <summary>All that this program knows, the oldest first.</summary>
    public static IReadOnlyList<string> Migrations { get; } = ReadMigrations();

    /// <exception cref="StoreDamageException">What is in it cannot be read.</exception>
    private static IStoreDatabase OpenSound(CoordinatorOptions options, IInterceptor[] watchers)
    {
        if (options.Store is { } connection)
            return Prepared(new PostgresDatabase(connection, watchers));
        try
        {
            return Prepared(new SqliteDatabase(options.StateDirectory, watchers));
        }
        catch (StoreDamageException damaged)
        {
            throw new StoreDamageException(
                $"{SqliteDatabase.NameIn(options.StateDirectory)} is damaged ({damaged.Message}); {SqliteDatabase.Remedy}.");
        }
    }

    private static IStoreDatabase Prepared(IStoreDatabase database)
    {
        try
        {
            Prepare(database);
            return database;
        }
        catch (Exception failed)
        {
            database.Dispose();
            if (Cause(failed) is not { } broken)
                throw;
            // A file that can be opened but not read is damaged; a server reports itself what is wrong.
            throw database.IsShared || database.IsUnavailable(failed)
                ? new BadInputException(
                    $"{database.Name} cannot be used ({Reason(broken)}); repair it, or choose another store with --state or --store."
                )
                : new StoreDamageException(Reason(broken));
        }
    }

    /// <summary>In one line and without secrets: the innermost cause.</summary>
    public static string Reason(Exception failed) =>
        (failed.InnerException is { } cause ? Reason(cause) : failed.Message).ReplaceLineEndings(" ");

    /// <summary>The database's error; null: something else has failed.</summary>
    private static DbException? Cause(Exception failed) => failed switch
    {
        DbException error => error,
        DbUpdateException or InvalidOperationException => failed.InnerException is { } inner ? Cause(inner) : null, // EF Core wraps
        _ => null,
    };

    private static void Prepare(IStoreDatabase database)
    {
        using var db = new CoordinatorDb(database.Options);
        List(db, database.Unlisted(db));
        var unknown = db.Database.GetAppliedMigrations().Except(db.Database.GetMigrations()).ToList();
        if (unknown.Count > 0)
            throw new BadInputException(
                $"{database.Name} was made by a later version of this program ({unknown[^1]}); use that one, or another store."
            );
        if (db.Database.GetPendingMigrations().Any())
            db.Database.Migrate();
        if (database.FindDamage(db) is { } damage)
            throw new StoreDamageException(damage);
        Read(db);
    }

    /// <summary>Reads what every start reads: an invalid value is found here.</summary>
    private static void Read(CoordinatorDb db)
    {
        try
        {
            if (db.Coordinator.Count() != 1)
                throw new StoreDamageException("table coordinator has lost its row");
            foreach (
                var rows in (IEnumerable<object>[])
                    [
                        db.Jobs.AsNoTracking(),
                        db.Requests.AsNoTracking(),
                        db.Runs.AsNoTracking(),
                        db.Replicas.AsNoTracking(),
                        db.Incidents.AsNoTracking(),
                        db.Generations.AsNoTracking(),
                        db.Hosts.AsNoTracking(),
                        db.Tokens.AsNoTracking(),
                        db.Coordinator.AsNoTracking(),
                    ]
            )
                _ = rows.Count();
        }
        catch (Exception damaged) when (damaged is FormatException or InvalidCastException or ArgumentException or ArithmeticException)
        {
            throw new StoreDamageException(Reason(damaged));
        }
    }

    private static List<string> ReadMigrations()
    {
        using var db = new CoordinatorDb(new DbContextOptionsBuilder<CoordinatorDb>().UseSqlite().Options); // opens nothing
        return [.. db.Database.GetMigrations()];
    }

    private static void List(CoordinatorDb db, IReadOnlyList<string> made)
    {
        if (made.Count == 0)
            return;
        var list = db.GetService<IHistoryRepository>();
        db.Database.ExecuteSqlRaw(list.GetCreateIfNotExistsScript());
        foreach (string migration in made)
            db.Database.ExecuteSqlRaw(list.GetInsertScript(new HistoryRow(migration, ProductInfo.GetVersion())));
    }
}
