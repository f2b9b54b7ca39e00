namespace ClipDistributed.Benchmarks.Chaos.Outages;

/// <summary>The coordinator gets SIGSTOP, and SIGCONT in the end.</summary>
internal sealed class StoppedCoordinator() : Outage("coordinator-stopped")
{
    public override int Repeats => 3;

    public override IReadOnlyList<string> Changes => [];

    public override string? Incident => "coordinator";

    public override void Begin(ChaosCluster cluster) => cluster.StopCoordinator();

    public override void End(ChaosCluster cluster) => cluster.ContinueCoordinator();
}
