using ClipDistributed.TestKit.Networks;

namespace ClipDistributed.Benchmarks.Chaos.Outages;

/// <summary>One of twenty packets to and from host b gets lost.</summary>
internal sealed class LostPackets() : Outage("packet-loss")
{
    private const int Percent = 5;

    private IsolatedNetwork? network;

    public override int Seconds => 10;

    public override int Repeats => 10;

    public override string? Missing => IsolatedNetwork.Denied() ?? Shell.Try("nft --version");

    public override IReadOnlyList<string> Changes => [];

    public override ClusterSettings Prepare(string folder) => new() { Network = network = new IsolatedNetwork(ChaosCluster.Machines) };

    public override double Pause => 5; // TCP waits twice as long each time that the same packet gets lost

    public override void Begin(ChaosCluster cluster) => network!.Lose(ChaosCluster.MachineB, Percent);

    public override void End(ChaosCluster cluster) => network!.Pass(ChaosCluster.MachineB);

    public override void Dispose() => network?.Dispose();
}
