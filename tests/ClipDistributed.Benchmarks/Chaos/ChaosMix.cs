namespace ClipDistributed.Benchmarks.Chaos;

/// <summary>A fault every five seconds, of any kind, whether or not the run has come over the last one.</summary>
internal static class ChaosMix
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <returns>The exit code.</returns>
    public static int Run(string clipd, int minutes, int seed)
    {
        string folder = Directory.CreateTempSubdirectory("chaos-").FullName;
        bool holds = false;
        try
        {
            using var cluster = ChaosCluster.Start(clipd, folder);
            var directory = cluster.Submit("mix");
            using var watch = new StepWatch(directory);
            StepWatch.Until(() => watch.Steps.Any(step => step.Step >= 5) ? true : (bool?)null, "the fifth step");
            var random = new Random(seed);
            var began = watch.Now;
            var faults = new List<string>();
            for (; watch.Now - began < TimeSpan.FromMinutes(minutes); Thread.Sleep(Math.Max(0, (int)(began + (faults.Count * Every) - watch.Now).TotalMilliseconds)))
            {
                string kind = ChaosCluster.Kinds[random.Next(ChaosCluster.Kinds.Count)];
                faults.Add(kind);
                if (cluster.Replicas.Count == 0)
                    continue; // all are dead already
                cluster.Strike(kind, random);
                Thread.Sleep(1000);
                cluster.Mend(kind);
            }
            watch.After(watch.Steps[^1].Step, watch.Now);
            double seconds = (watch.Now - began).TotalSeconds;
            cluster.Call("run", "stop", "mix-1", "--coordinator", cluster.Address);
            cluster.Try("run", "watch", "mix-1", "--coordinator", cluster.Address);
            var told = cluster.Call("run", "show", "mix-1", "--coordinator", cluster.Address).Split('\n').Where(line => line.StartsWith("goodput", StringComparison.Ordinal) || line.StartsWith("incidents", StringComparison.Ordinal));
            var (verified, exit) = cluster.Try("run", "verify", "mix-1", "--coordinator", cluster.Address);
            var recorded = StepWatch.Recorded(directory);
            long distinct = recorded.DistinctBy(step => step.Step).Count(), lost = recorded.Max(step => step.Step) - distinct, repeated = recorded.Count - distinct;
            holds = exit == 0 && lost == 0 && repeated == 0;
            Console.WriteLine($"mix: {faults.Count} faults in {seconds:0} s, seed {seed} ({string.Join(", ", faults.CountBy(kind => kind).Select(kind => $"{kind.Value} {kind.Key}"))})");
            Console.WriteLine($"mix: {distinct} steps in {watch.Generations.Count + 1} generations · redone {watch.Steps.Count - watch.Steps.DistinctBy(step => step.Step).Count()} that were recorded before · lost {lost} · repeated {repeated} · goodput {100 * recorded.Sum(step => step.Seconds) / seconds:0} % · {verified.Trim()}");
            foreach (string line in told)
                Console.WriteLine($"mix, as the coordinator tells it: {line}"); // from the run's first step on, not from the first fault
            return holds ? 0 : 1;
        }
        finally
        {
            ChaosCluster.Close(folder, holds);
        }
    }
}
