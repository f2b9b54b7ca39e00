using System.Globalization;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Benchmarks.Chaos;

/// <summary>
/// Harms a running job of four replicas on two hosts again and again, by a seeded plan, and measures from outside how it goes
/// on: the time from the fault to the next recorded step, steps done again, rows lost or repeated, and how far losses are from
/// those of an undisturbed run.
/// </summary>
internal static class ChaosTable
{
    private const int Followed = 50;
    private const double LossBound = 1e-5;

    /// <param name="repeats">Of each fault.</param>
    /// <param name="kinds">Only these; none: all.</param>
    /// <returns>The exit code: 1 where rows were lost or repeated, a step was done twice, or losses differ.</returns>
    public static int Run(string clipd, int repeats, int seed, params string[] kinds)
    {
        string folder = Directory.CreateTempSubdirectory("chaos-").FullName;
        bool holds = false;
        try
        {
            Console.WriteLine($"{ChaosCluster.Slots} replicas on 2 hosts, tiny, global batch 256, {repeats} of each, seed {seed}. Seconds from the fault to the next step; the join is the pause when the replacement comes in.");
            Console.WriteLine($"{"fault",-12} {"median",8} {"worst",8} {"redone",8} {"join median",12} {"worst",8} {"step",8} {"lost",5} {"repeated",9} {"loss difference",16}");
            using var cluster = ChaosCluster.Start(clipd, folder);
            var undisturbed = Losses(Undisturbed(cluster));
            IReadOnlyList<string> all = kinds is [] ? ChaosCluster.Kinds : kinds;
            var rows = all.Select(kind => Repeat(kind, cluster, repeats, new Random(seed), undisturbed)).ToList();
            var first = rows[0];
            holds = rows.All(row => row.Holds);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"chaos: {all[0]} recovery median {Median(first.Recoveries):0.0} s, worst {first.Recoveries.Max():0.0} s · redone at most {rows.Max(row => row.Redone)} · lost {rows.Sum(row => row.Lost)} · repeated {rows.Sum(row => row.Repeated)}{(holds ? "" : " · OUT OF BOUNDS")}"));
            return holds ? 0 : 1;
        }
        finally
        {
            ChaosCluster.Close(folder, holds);
        }
    }

    /// <summary>A hundred steps of as many replicas that nothing happens to.</summary>
    private static RunDirectory Undisturbed(ChaosCluster cluster)
    {
        var directory = cluster.Submit("undisturbed", "samples=25600");
        StepWatch.Until(() => Directory.Exists(directory.Checkpoint(1, 100)) ? true : (bool?)null, "the undisturbed run's end");
        return directory;
    }

    private static Row Repeat(string kind, ChaosCluster cluster, int repeats, Random random, Dictionary<long, double> undisturbed)
    {
        var directory = cluster.Submit(kind.ToLowerInvariant());
        string runId = $"{kind.ToLowerInvariant()}-1";
        using var watch = new StepWatch(directory);
        StepWatch.Until(() => watch.Steps.Any(step => step.Step >= 5) ? true : (bool?)null, "the fifth step");
        var (recoveries, joins, redone, firstFault, regrouped) = (new List<double>(), new List<double>(), 0L, long.MaxValue, false);
        for (int i = 0; i < repeats; i++)
        {
            Thread.Sleep(random.Next(1000)); // anywhere in a step
            int generations = watch.Generations.Count;
            long last = watch.Steps[^1].Step;
            firstFault = Math.Min(firstFault, last);
            var struck = watch.Now;
            cluster.Strike(kind, random);
            if (kind == "coordinator")
            {
                // Nothing is to regroup: the next steps come as if nothing had happened.
                recoveries.Add((watch.After(last, struck).At - struck).TotalSeconds);
                cluster.Mend(kind);
                StepWatch.Until(() => cluster.Try("run", "show", runId, "--coordinator", cluster.Address).Exit == 0 ? true : (bool?)null, "the new coordinator's answer");
                long back = watch.Steps[^1].Step;
                watch.After(back + 3, watch.Now); // it assigns again
                redone = Math.Max(redone, watch.Generations.Skip(generations).Sum(group => watch.Steps.Last(step => step.At < group.At).Step + 1 - group.Start));
                regrouped |= watch.Generations.Count > generations;
                continue;
            }
            var next = StepWatch.Until(() => watch.Generations.Count > generations ? watch.Generations[generations] : (StepWatch.Regrouped?)null, "the next generation");
            recoveries.Add((watch.After(next.Start, next.At - TimeSpan.FromMilliseconds(20)).At - struck).TotalSeconds);
            // A fault loses the step in work, a drain ends at a border.
            redone = Math.Max(redone, watch.Steps.Last(step => step.At < next.At).Step + (kind == "drain" ? 0 : 1) - next.Start);
            cluster.Mend(kind);
            var whole = StepWatch.Until(() => watch.Generations.Skip(generations).FirstOrDefault(group => group.Replicas == ChaosCluster.Slots) is { Replicas: ChaosCluster.Slots } group ? group : (StepWatch.Regrouped?)null, "the replacement");
            var joined = watch.After(whole.Start, whole.At - TimeSpan.FromMilliseconds(20));
            joins.Add((joined.At - watch.Steps.Last(step => step.Step <= whole.Start && step.At < joined.At).At).TotalSeconds);
        }
        watch.After(Math.Max(watch.Steps[^1].Step, firstFault + Followed), watch.Now);
        cluster.Call("run", "stop", runId, "--coordinator", cluster.Address);
        string ended = cluster.Try("run", "watch", runId, "--coordinator", cluster.Address).Output;
        var recorded = StepWatch.Recorded(directory);
        long repeated = recorded.Count - recorded.DistinctBy(step => step.Step).Count();
        long lost = recorded.Max(step => step.Step) - recorded.DistinctBy(step => step.Step).Count();
        var (verified, exit) = cluster.Try("run", "verify", runId, "--coordinator", cluster.Address);
        if (exit != 0)
            Console.WriteLine($"{kind}: {verified} {ended}");
        double difference = recorded.Where(step => step.Step <= firstFault + Followed && undisturbed.ContainsKey(step.Step))
            .Max(step => Math.Abs(step.Loss / undisturbed[step.Step] - 1));
        var row = new Row(recoveries, joins, redone, lost, repeated, difference, exit == 0 && difference <= LossBound && lost == 0 && repeated == 0 && redone <= 1 && !regrouped);
        double pace = Median([.. recorded.Select(step => step.Seconds)]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{kind,-12} {Median(recoveries),8:0.00} {recoveries.Max(),8:0.00} {redone,8} {(joins.Count > 0 ? $"{Median(joins):0.00}" : ""),12} {(joins.Count > 0 ? $"{joins.Max():0.00}" : ""),8} {pace,8:0.00} {lost,5} {repeated,9} {difference,16:0.0e+00}"));
        return row;
    }

    private static Dictionary<long, double> Losses(RunDirectory directory) =>
        StepWatch.Recorded(directory).ToDictionary(step => step.Step, step => step.Loss);

    private static double Median(IReadOnlyCollection<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <param name="Redone">Most steps that one fault caused to be computed again.</param>
    /// <param name="Difference">Largest relative difference of losses from the undisturbed run, until fifty steps after the first fault.</param>
    private sealed record Row(IReadOnlyList<double> Recoveries, IReadOnlyList<double> Joins, long Redone, long Lost, long Repeated, double Difference, bool Holds);
}
