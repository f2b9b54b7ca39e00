using ClipDistributed.Data.Streams;
using ClipDistributed.TestKit.Simulation;

namespace ClipDistributed.Benchmarks.Simulation;

/// <summary>How long one event keeps the coordinator's loops busy, its store in memory included, with very many hosts of one processor
/// each.</summary>
internal static class DecisionTimes
{
    /// <returns>The exit code.</returns>
    public static int Run(int hosts)
    {
        Measure(hosts: 100, runs: 1, steps: 40, isTold: false); // what happens for the first time is compiled then
        Measure(hosts, runs: 1, steps: 40);
        Measure(hosts, runs: hosts / 4, steps: 40);
        return 0;
    }

    private static void Measure(int hosts, int runs, long steps, bool isTold = true)
    {
        string folder = Directory.CreateTempSubdirectory("simulation-").FullName;
        try
        {
            using var cluster = new SimulatedCluster(SimulatedCluster.Options(folder), seed: 1, hosts, processors: 1)
            {
                Order = new StreamOrder([100_000], seed: 1, globalBatch: 1024, streams: 2, shuffleBlock: 1024),
            };
            var times = new List<double>(); // ms
            cluster.Thread.Watch = took => times.Add(took.TotalMilliseconds);
            foreach (var host in cluster.Workers)
                host.Connect();
            int each = hosts / runs;
            for (int run = 0; run < runs; run++)
                cluster.Submit(min: each - each / 4, max: each, steps);
            cluster.Until(() => cluster.Runs.All(run => run.Done >= steps / 2 || run.HasEnded), TimeSpan.FromMinutes(10));
            foreach (var replica in cluster.Replicas.Where(replica => replica.IsAlive).Take(hosts / 100).ToList())
                replica.Die(137);
            cluster.Until(() => cluster.Runs.All(run => run.HasEnded), TimeSpan.FromMinutes(10));
            times.Sort();
            if (isTold)
                Console.WriteLine(
                    $"{hosts} hosts, {runs} run{(runs == 1 ? "" : "s")} of {each} replicas: {times.Count} events, median "
                        + $"{At(0.5):0.00} ms, 99 % {At(0.99):0.00} ms, worst {times[^1]:0.0} ms"
                );

            double At(double part) => times[(int)(part * (times.Count - 1))];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
