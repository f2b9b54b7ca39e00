namespace ClipDistributed.Benchmarks.Chaos;

/// <summary>Something that happens to a cluster in a moment, after which its run goes on otherwise than before.</summary>
/// <param name="Within">Seconds from then until the next recorded step, at most.</param>
/// <param name="Recomputed">Steps that may be computed again.</param>
/// <param name="Repair">Brings back what does not come back by itself.</param>
internal sealed record Fault(
    string Name, double Within, int Recomputed, Action<ChaosCluster, Random> Strike, Action<ChaosCluster>? Repair = null)
{
    /// <summary>A step of this cluster on two cores.</summary>
    private const double Step = 0.5;

    /// <summary>The members and their shares stay as they are.</summary>
    public bool LeavesGroup { get; init; }

    /// <summary>Needs hosts on machines of their own.</summary>
    public bool NeedsNetwork { get; init; }

    /// <summary>
    /// A lost replica is followed within 2 s. A silent one is given the lease of 3 s first, and members that all wait for each
    /// other the least hang limit of 10 s.
    /// </summary>
    public static IReadOnlyList<Fault> All { get; } =
    [
        new("SIGKILL", 2 + Step, 1, (cluster, random) => cluster.KillReplica(Any(cluster, random))),
        new("SIGSTOP", 5 + Step, 1, (cluster, random) => cluster.StopReplica(Any(cluster, random))),
        new("host", 2 + Step, 1, (cluster, _) => cluster.KillHost("b"), cluster => cluster.StartHost("b")),
        new("drain", 5, 0, (cluster, _) => cluster.Drain("b"), cluster => cluster.Drain("b", "--undo")),
        new("coordinator", 2 + Step, 0, (cluster, _) => cluster.KillCoordinator(), cluster => cluster.RestartCoordinator())
        {
            LeavesGroup = true,
        },
        new(
            "cut",
            5 + Step,
            1,
            (cluster, _) => cluster.Network!.Cut(ChaosCluster.MachineB),
            cluster => cluster.Network!.Restore(ChaosCluster.MachineB)
        )
        {
            NeedsNetwork = true,
        },
        new(
            "cut-data",
            15 + Step,
            1,
            (cluster, _) => cluster.Network!.Part(ChaosCluster.MachineA, ChaosCluster.MachineB),
            cluster => cluster.Network!.Join(ChaosCluster.MachineA, ChaosCluster.MachineB)
        )
        {
            NeedsNetwork = true,
        },
    ];

    private static int Any(ChaosCluster cluster, Random random) => cluster.Replicas[random.Next(cluster.Replicas.Count)];
}
