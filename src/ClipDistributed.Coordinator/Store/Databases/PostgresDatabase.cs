using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace ClipDistributed.Coordinator.Store.Databases;

/// <summary>A PostgreSQL database, which several coordinators may share.</summary>
internal sealed class PostgresDatabase : IStoreDatabase
{
    /// <summary>How long connecting, and each statement, may take before the server counts as away, seconds.</summary>
    private const int Patience = 5;

    // A coordinator that stands still in the middle of a transaction must not keep its lock from the one that takes over.
    private const string Session = "SET synchronous_commit=on; SET idle_in_transaction_session_timeout='5s'; SET lock_timeout='4s';";

    private readonly NpgsqlDataSource source;

    /// <param name="watchers">See what is sent to the database.</param>
    public PostgresDatabase(StoreConnection connection, params IInterceptor[] watchers)
    {
        var settings = new NpgsqlConnectionStringBuilder(connection.Settings.ConnectionString)
        {
            Timeout = Patience,
            CommandTimeout = Patience,
        };
        settings.ApplicationName ??= "clipd coordinator";
        source = NpgsqlDataSource.Create(settings);
        Name = connection.ToString();
        Options = new DbContextOptionsBuilder<CoordinatorDb>()
            .UseNpgsql(source)
            .ConfigureWarnings(StoreSchema.ByHand)
            .AddInterceptors([new SessionSetup(Session), .. watchers])
            .Options;
    }

    public DbContextOptions<CoordinatorDb> Options { get; }

    public string Name { get; }

    public bool IsShared => true;

    /// <summary>The server's own concern.</summary>
    public string? FindDamage(CoordinatorDb db) => null;

    public IReadOnlyList<string> Unlisted(CoordinatorDb db) => [];

    /// <summary>By PostgreSQL's classes of errors: connection, rollback by the server, resources, the operator's doing, the
    /// system's.</summary>
    public bool IsAway(Exception failed) =>
        failed switch
        {
            PostgresException { SqlState: var state } => state[..2] is "08" or "25" or "40" or "53" or "57" or "58"
                || state == PostgresErrorCodes.LockNotAvailable,
            NpgsqlException => true, // the connection
            ObjectDisposedException { ObjectName: nameof(NpgsqlTransaction) } => true, // it broke between two statements
            DbUpdateException or InvalidOperationException => failed.InnerException is { } cause && IsAway(cause), // EF Core wraps
            _ => false,
        };

    public void Dispose() => source.Dispose();
}
