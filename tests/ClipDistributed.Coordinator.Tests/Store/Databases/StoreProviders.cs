using ClipDistributed.Coordinator.Settings;
using ClipDistributed.TestKit.Databases;

namespace ClipDistributed.Coordinator.Tests.Store.Databases;

/// <summary>The databases that a store is tested on: SQLite always, PostgreSQL where its programs are installed.</summary>
public sealed class StoreProviders : IAsyncLifetime
{
    public const string Sqlite = "SQLite", Postgres = "PostgreSQL";

    private PostgresServer? server;

    /// <summary>Without PostgreSQL its cases are missing, and the tests that need it say that they are skipped.</summary>
    public static TheoryData<string> All { get; } = PostgresServer.Programs is null ? [Sqlite] : [Sqlite, Postgres];

    public PostgresServer Server => server ?? throw new InvalidOperationException(PostgresServer.Missing);

    public async ValueTask InitializeAsync() => server = PostgresServer.Programs is null ? null : await PostgresServer.StartAsync();

    /// <summary>Of a coordinator with a new, empty store.</summary>
    /// <param name="folder">Takes a file.</param>
    internal async Task<CoordinatorOptions> NewAsync(string provider, TemporaryFolder folder) => provider == Sqlite
        ? new CoordinatorOptions { StateDirectory = folder.Path }
        : new CoordinatorOptions { StateDirectory = folder.Path, Store = StoreConnection.Parse(await Server.NewDatabaseAsync()) };

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
    }
}

/// <summary>Tests that share a server, one after the other: some of them stop it.</summary>
[CollectionDefinition(Name)]
public sealed class StoreCollection : ICollectionFixture<StoreProviders>
{
    public const string Name = "store";
}
