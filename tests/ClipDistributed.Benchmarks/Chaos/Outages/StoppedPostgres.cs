using ClipDistributed.TestKit.Databases;

namespace ClipDistributed.Benchmarks.Chaos.Outages;

/// <summary>The PostgreSQL server that holds the coordinator's state ends, and starts again.</summary>
internal sealed class StoppedPostgres() : Outage("store-stopped")
{
    private PostgresServer? server;

    public override string? Missing => PostgresServer.Programs is null ? PostgresServer.Missing : null;

    public override ClusterSettings Prepare(string folder)
    {
        server = PostgresServer.StartAsync().GetAwaiter().GetResult();
        return new ClusterSettings { Store = server.NewDatabaseAsync().GetAwaiter().GetResult() };
    }

    public override string? Incident => "store unavailable";

    public override void Begin(ChaosCluster cluster) => server!.StopAsync().GetAwaiter().GetResult();

    public override void End(ChaosCluster cluster) => server!.StartAgainAsync().GetAwaiter().GetResult();

    public override void Dispose() => server?.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
