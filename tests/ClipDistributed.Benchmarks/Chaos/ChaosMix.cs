using System.Globalization;
using ClipDistributed.TestKit.Networks;

namespace ClipDistributed.Benchmarks.Chaos;

/// <summary>
/// A fault every five seconds, of any kind, whether or not the run has recovered from the last one. What it computed is compared
/// with the plan, with replays from ten of its checkpoints, and with undisturbed runs.
/// </summary>
internal static class ChaosMix
{
    private const int Checkpoints = 10, Asked = 2 * Checkpoints; // some are saved on a line that is left, or two at once

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5), MinCut = TimeSpan.FromSeconds(1);

    /// <param name="undisturbed">A folder with the runs to compare with; null: they are made.</param>
    public static void Run(string clipd, int minutes, int seed, string? undisturbed, ChaosTally tally)
    {
        string folder = Directory.CreateTempSubdirectory("chaos-").FullName;
        string? denied = IsolatedNetwork.Denied();
        if (denied is not null)
            Console.WriteLine($"mix: no network is cut, {denied}");
        int misses = tally.Misses;
        bool isOver = false;
        try
        {
            using var network = denied is null ? new IsolatedNetwork(ChaosCluster.Machines) : null;
            Run(new MixPlan(clipd, folder, minutes, seed, undisturbed ?? folder), new ClusterSettings { Network = network }, tally);
            isOver = true;
        }
        finally
        {
            ChaosCluster.Close(folder, isOver && tally.Misses == misses);
        }
    }

    private static void Run(MixPlan plan, ClusterSettings settings, ChaosTally tally)
    {
        using var cluster = ChaosCluster.Start(plan.Clipd, plan.Folder, settings);
        var directory = cluster.Submit("mix", "checkpoint.every_steps=0", "checkpoint.keep=1000");
        using var watch = new StepWatch(directory);
        StepWatch.Until(() => watch.Steps.Any(step => step.Step >= 5) ? true : (bool?)null, "the fifth step");
        var began = watch.Now;
        var struck = Strike(cluster, watch, (int)(TimeSpan.FromMinutes(plan.Minutes) / Every), new Random(plan.Seed));
        double seconds = (watch.Now - began).TotalSeconds;
        long steps = watch.Steps[^1].Step;
        var summary = cluster
            .Ask("run", "show", "mix-1")
            .Split('\n')
            .Where(line => line.StartsWith("goodput", StringComparison.Ordinal) || line.StartsWith("incidents", StringComparison.Ordinal));
        var end = RunEnd.Of(cluster, "mix-1", directory);
        Console.WriteLine($"mix: {struck.Count} faults in {seconds:0} s, seed {plan.Seed} "
            + $"({string.Join(", ", struck.CountBy(fault => fault.Name).Select(fault => $"{fault.Value} {fault.Key}"))})");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"mix: {end.Steps.Count} steps in {watch.Generations.Count + 1} generations · at most "
            + $"{watch.RecomputedSince(0)} recomputed at a time · lost {end.Lost} · repeated {end.Repeated} · goodput "
            + $"{100 * end.Steps.Where(step => step.Step <= steps).Sum(step => step.Seconds) / seconds:0} % · {end.Verified}"));
        foreach (string line in summary)
            Console.WriteLine($"mix, as the coordinator counts it: {line}"); // from the run's first step on, not from the first fault
        string?[] misses =
        [
            new Replays(plan.Clipd, plan.Folder, directory).Compare(end.Steps, Checkpoints),
            new UndisturbedRuns(plan.Clipd, plan.Undisturbed).Compare(end.Steps),
        ];
        tally.Add(
            "mix",
            watch.RecomputedSince(0),
            end,
            misses.Any(miss => miss is not null) ? string.Join(", ", misses.OfType<string>()) : null
        );
    }

    /// <summary>Between faults checkpoints are asked for, so that they are spread over the whole time.</summary>
    private static List<Fault> Strike(ChaosCluster cluster, StepWatch watch, int count, Random random)
    {
        var kinds = Fault.All.Where(fault => cluster.Network is not null || !fault.NeedsNetwork).ToList();
        var struck = new List<Fault>();
        var began = watch.Now;
        for (int i = 0; i < count; i++)
        {
            Thread.Sleep(Max(TimeSpan.Zero, began + (i * Every) - watch.Now));
            var fault = kinds[random.Next(kinds.Count)];
            struck.Add(fault);
            if (cluster.Replicas.Count > 0) // else all are dead already
            {
                fault.Strike(cluster, random);
                // A cut is longer than the lease, or it is not.
                Thread.Sleep(fault.NeedsNetwork ? MinCut + (random.NextDouble() * (Every - MinCut)) : MinCut);
                fault.Repair?.Invoke(cluster);
            }
            if ((i + 1) * Asked / count > i * Asked / count)
                cluster.Ask("checkpoint", "save", "mix-1");
        }
        Thread.Sleep(Max(TimeSpan.Zero, began + (count * Every) - watch.Now));
        // after the last checkpoint, which the next generation saves where the last fault broke one
        watch.After(watch.Steps[^1].Step + (2 * Replays.Steps), watch.Now);
        return struck;
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    /// <param name="Undisturbed">The folder of the runs to compare with.</param>
    private sealed record MixPlan(string Clipd, string Folder, int Minutes, int Seed, string Undisturbed);
}
