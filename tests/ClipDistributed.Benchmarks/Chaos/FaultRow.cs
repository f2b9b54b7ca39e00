using System.Globalization;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Benchmarks.Chaos;

/// <summary>One kind of fault, again and again on one run.</summary>
internal sealed class FaultRow(Fault fault, ChaosCluster cluster, Random random, Dictionary<long, double> undisturbed)
{
    private const int Followed = 50;
    private const int Known = 4; // steps of a generation, by which the coordinator knows how long they take: until then it waits longer
    private const double LossBound = 1e-5, JoinBound = 2;

    // Between the record of a step and its sight, twice.
    private static readonly TimeSpan Sight = TimeSpan.FromMilliseconds(20);

    private readonly string runId = $"{fault.Name.ToLowerInvariant()}-1";
    private readonly List<double> recoveries = [], joins = [];
    private long recomputed;
    private bool regrouped;

    public static string Header { get; } =
        $"{"fault", -12} {"median", 8} {"worst", 8} {"recomputed", 11} {"join median", 12} {"worst", 8} "
        + $"{"step", 8} {"lost", 5} {"repeated", 9} {"loss difference", 16}";

    public void Measure(int repeats, ChaosTally tally)
    {
        var directory = cluster.Submit(fault.Name.ToLowerInvariant());
        using var watch = new StepWatch(directory);
        StepWatch.Until(() => watch.Steps.Any(step => step.Step >= 5) ? true : (bool?)null, "the fifth step");
        long firstFault = long.MaxValue;
        for (int i = 0; i < repeats; i++)
        {
            Thread.Sleep(random.Next(1000)); // anywhere in a step
            firstFault = Math.Min(firstFault, watch.Steps[^1].Step);
            if (fault.LeavesGroup)
                StrikeBeside(watch);
            else
                StrikeGroup(watch);
        }
        watch.After(Math.Max(watch.Steps[^1].Step, firstFault + Followed), watch.Now);
        Write(RunEnd.Of(cluster, runId, directory), firstFault, tally);
    }

    /// <summary>The others regroup without the lost replicas, and again when these come back.</summary>
    private void StrikeGroup(StepWatch watch)
    {
        int generations = watch.Generations.Count;
        var struck = watch.Now;
        fault.Strike(cluster, random);
        var next = StepWatch.Until(
            () => watch.Generations.Count > generations ? watch.Generations[generations] : (StepWatch.Regrouped?)null,
            "the next generation"
        );
        recoveries.Add((watch.After(next.Start, next.At - Sight).At - struck).TotalSeconds);
        // A fault loses the step in work, a drain ends at a border.
        recomputed = Math.Max(recomputed, watch.Steps.Last(step => step.At < next.At).Step + fault.Recomputed - next.Start);
        fault.Repair?.Invoke(cluster);
        var whole = StepWatch.Until(
            () =>
                watch.Generations.Skip(generations).FirstOrDefault(group => group.Replicas == ChaosCluster.Slots)
                    is { Replicas: ChaosCluster.Slots } group
                    ? group
                    : (StepWatch.Regrouped?)null,
            "the replacement"
        );
        var joined = watch.After(whole.Start, whole.At - Sight);
        joins.Add((joined.At - watch.Steps.Last(step => step.Step <= whole.Start && step.At < joined.At).At).TotalSeconds);
        watch.After(whole.Start + Known, joined.At - Sight);
    }

    /// <summary>The next steps come as in an undisturbed run.</summary>
    private void StrikeBeside(StepWatch watch)
    {
        int generations = watch.Generations.Count;
        long last = watch.Steps[^1].Step;
        var struck = watch.Now;
        fault.Strike(cluster, random);
        recoveries.Add((watch.After(last, struck).At - struck).TotalSeconds);
        fault.Repair?.Invoke(cluster);
        StepWatch.Until(
            () => cluster.Try("run", "show", runId, "--coordinator", cluster.Address).Exit == 0 ? true : (bool?)null,
            "the coordinator's answer"
        );
        watch.After(watch.Steps[^1].Step + 3, watch.Now); // it assigns again
        recomputed = Math.Max(recomputed, watch.RecomputedSince(generations));
        regrouped |= watch.Generations.Count > generations;
    }

    private void Write(RunEnd end, long firstFault, ChaosTally tally)
    {
        double difference = end.Steps.Where(step => step.Step <= firstFault + Followed && undisturbed.ContainsKey(step.Step))
            .Max(step => Math.Abs(step.Loss / undisturbed[step.Step] - 1));
        double pace = ChaosTally.Median([.. end.Steps.Select(step => step.Seconds)]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{fault.Name,-12} {ChaosTally.Median(recoveries),8:0.00} {recoveries.Max(),8:0.00} {recomputed,11} "
            + $"{(joins.Count > 0 ? $"{ChaosTally.Median(joins):0.00}" : ""),12} {(joins.Count > 0 ? $"{joins.Max():0.00}" : ""),8} "
            + $"{pace,8:0.00} {end.Lost,5} {end.Repeated,9} {difference,16:0.0e+00}"));
        if (fault.Name == "SIGKILL")
            tally.AddKills(recoveries);
        string?[] misses =
        [
            recoveries.Max() > fault.Within ? $"the next step after {recoveries.Max():0.00} s, of at most {fault.Within:0.0}" : null,
            joins.Count > 0 && joins.Max() > JoinBound ? $"a join of {joins.Max():0.00} s, of at most {JoinBound:0.0}" : null,
            recomputed > fault.Recomputed ? $"{recomputed} steps recomputed, of at most {fault.Recomputed}" : null,
            difference > LossBound ? $"losses differ by {difference:0.0e+00}" : null,
            regrouped ? "a new generation began" : null,
        ];
        tally.Add(fault.Name, recomputed, end, misses.Any(miss => miss is not null) ? string.Join(", ", misses.OfType<string>()) : null);
    }
}
