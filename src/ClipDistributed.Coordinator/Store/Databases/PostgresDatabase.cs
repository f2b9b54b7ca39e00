using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store.Migrations;
using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace ClipDistributed.Coordinator.Store.Databases;

/// <summary>A PostgreSQL database, which several coordinators may share.</summary>
internal sealed class PostgresDatabase : IStoreDatabase
{
    /// <summary>How long connecting, and each statement, may take before the server counts as unavailable, seconds.</summary>
    private const int TimeoutSeconds = 5;

    // A coordinator that pauses amid a transaction must not block the one that takes over.
    private const string Session = "SET synchronous_commit=on; SET idle_in_transaction_session_timeout='5s'; SET lock_timeout='4s';";

    private readonly NpgsqlDataSource source;

    /// <param name="watchers">Intercept the commands to the database.</param>
    public PostgresDatabase(StoreConnection connection, params IInterceptor[] watchers)
    {
        var settings = new NpgsqlConnectionStringBuilder(connection.Settings.ConnectionString)
        {
            Timeout = TimeoutSeconds,
            CommandTimeout = TimeoutSeconds,
        };
        settings.ApplicationName ??= "clipd coordinator";
        source = NpgsqlDataSource.Create(settings);
        Name = connection.ToString();
        Options = new DbContextOptionsBuilder<CoordinatorDb>()
            .UseNpgsql(source)
            .ConfigureWarnings(MigrationWarnings.ByHand)
            .AddInterceptors([new SessionSetup(Session), .. watchers])
            .Options;
    }

    public DbContextOptions<CoordinatorDb> Options { get; }

    public string Name { get; }

    public bool IsShared => true;

    /// <summary>The server checks itself.</summary>
    public string? FindDamage(CoordinatorDb db) => null;

    public IReadOnlyList<string> Unlisted(CoordinatorDb db) => [];

    /// <summary>By PostgreSQL's classes of errors: connection, rollback by the server, resources, the operator's doing, the
    /// system's.</summary>
    public bool IsUnavailable(Exception failed) =>
        failed switch
        {
            PostgresException { SqlState: var state } => state[..2] is "08" or "25" or "40" or "53" or "57" or "58"
                || state == PostgresErrorCodes.LockNotAvailable,
            NpgsqlException => true, // the connection
            ObjectDisposedException { ObjectName: nameof(NpgsqlTransaction) } => true, // it broke between two statements
            DbUpdateException or InvalidOperationException => failed.InnerException is { } cause && IsUnavailable(cause), // EF Core wraps
            _ => false,
        };

    public void Dispose() => source.Dispose();
}
