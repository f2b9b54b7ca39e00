using ClipDistributed.TestKit.Networks;

namespace ClipDistributed.Benchmarks.Chaos;

/// <summary>
/// Harms a running job of four replicas on two hosts again and again, by a seeded plan, and measures from outside how it goes
/// on: the time from the fault to the next recorded step, steps done again, rows lost or repeated, and how far losses are from
/// those of an undisturbed run.
/// </summary>
internal static class ChaosTable
{
    /// <param name="repeats">Of each fault.</param>
    /// <param name="names">Only these; none: all.</param>
    public static void Run(string clipd, int repeats, int seed, IReadOnlyList<string> names, ChaosTally tally)
    {
        var faults = Fault.All.Where(fault => names.Count == 0 || names.Contains(fault.Name)).ToList();
        Console.WriteLine(
            $"{ChaosCluster.Slots} replicas on 2 hosts, tiny, global batch 256, {repeats} of each, seed {seed}. Seconds "
                + $"from the fault to the next step; the join is the pause when the replacement comes in."
        );
        Console.WriteLine(FaultRow.Header);
        Run(clipd, repeats, seed, [.. faults.Where(fault => !fault.NeedsNetwork)], new ClusterSettings(), tally);
        var apart = faults.Where(fault => fault.NeedsNetwork).ToList();
        if (apart.Count == 0)
            return;
        if (IsolatedNetwork.Denied() is { } denied)
        {
            Console.WriteLine($"{string.Join(", ", apart.Select(fault => fault.Name))}: left out, {denied}");
            return;
        }
        using var network = new IsolatedNetwork(ChaosCluster.Machines);
        Run(clipd, repeats, seed, apart, new ClusterSettings { Network = network }, tally);
    }

    private static void Run(string clipd, int repeats, int seed, IReadOnlyList<Fault> faults, ClusterSettings settings, ChaosTally tally)
    {
        if (faults.Count == 0)
            return;
        string folder = Directory.CreateTempSubdirectory("chaos-").FullName;
        int misses = tally.Misses;
        bool isOver = false;
        try
        {
            using var cluster = ChaosCluster.Start(clipd, folder, settings);
            var undisturbed = Undisturbed(cluster);
            foreach (var fault in faults)
                new FaultRow(fault, cluster, new Random(seed), undisturbed).Measure(repeats, tally);
            isOver = true;
        }
        finally
        {
            ChaosCluster.Close(folder, isOver && tally.Misses == misses);
        }
    }

    /// <summary>The losses of a hundred steps of as many replicas that nothing happens to.</summary>
    private static Dictionary<long, double> Undisturbed(ChaosCluster cluster)
    {
        var directory = cluster.Submit("undisturbed", "samples=25600");
        StepWatch.Until(() => Directory.Exists(directory.Checkpoint(1, 100)) ? true : (bool?)null, "the undisturbed run's end");
        return StepWatch.Recorded(directory).ToDictionary(step => step.Step, step => step.Loss);
    }
}
