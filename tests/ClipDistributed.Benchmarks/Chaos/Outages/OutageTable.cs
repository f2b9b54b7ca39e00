namespace ClipDistributed.Benchmarks.Chaos.Outages;

/// <summary>Runs during which something is unavailable, each with a cluster of its own.</summary>
internal static class OutageTable
{
    /// <param name="seconds">Instead of those of each outage.</param>
    /// <param name="names">Only these; none: all.</param>
    public static void Run(string clipd, int? repeats, int? seconds, IReadOnlyList<string> names, ChaosTally tally)
    {
        foreach (var make in Outage.All)
        {
            var outage = make();
            if (names.Count > 0 && !names.Contains(outage.Name))
                continue;
            if (outage.Missing is { } missing)
                Console.WriteLine($"{outage.Name,-20} left out: {missing}");
            else
                Measure(clipd, outage, repeats ?? outage.Repeats, seconds ?? outage.Seconds, tally);
        }
    }

    private static void Measure(string clipd, Outage outage, int repeats, int seconds, ChaosTally tally)
    {
        string folder = Directory.CreateTempSubdirectory("chaos-").FullName;
        int misses = tally.Misses;
        bool isOver = false;
        try
        {
            using var cluster = ChaosCluster.Start(clipd, folder, outage.Prepare(folder));
            new OutageRow(outage, cluster).Measure(repeats, seconds, tally);
            isOver = true;
        }
        finally
        {
            outage.Dispose(); // before the folder goes
            ChaosCluster.Close(folder, isOver && tally.Misses == misses);
        }
    }
}
