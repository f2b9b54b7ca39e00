using System.Globalization;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Benchmarks.Chaos;

/// <summary>The job of the mix on one, two and three replicas that nothing happens to: how far its loss depends on rounding
/// alone.</summary>
internal sealed class UndisturbedRuns(string clipd, string folder)
{
    private const int Last = 20; // steps; more than an epoch has

    /// <summary>Goes on where a former call ended.</summary>
    public void Compute(long steps)
    {
        ChaosJob.Write(clipd, folder);
        foreach (int replicas in new[] { 1, 2, 3 })
        {
            var directory = Directory(replicas);
            if (Reached(directory) < steps)
                new LocalTraining(clipd, folder).Run(directory, steps, replicas);
        }
    }

    /// <summary>Compares a run with these: its samples, step by step, and its loss in the end.</summary>
    /// <returns>What does not agree; null: all does.</returns>
    public string? Compare(IReadOnlyList<StepMetrics> run)
    {
        long step = run.Max(recorded => recorded.Step);
        Compute(step);
        var losses = new List<double>();
        foreach (int replicas in new[] { 1, 2, 3 })
        {
            var undisturbed = StepWatch.Recorded(Directory(replicas)).ToDictionary(recorded => recorded.Step);
            if (
                run.FirstOrDefault(recorded =>
                    undisturbed[recorded.Step].PlanDigest != recorded.PlanDigest
                    || undisturbed[recorded.Step].ContentDigest != recorded.ContentDigest
                ) is
                { } differs
            )
                return $"step {differs.Step} held other samples than with {replicas} undisturbed replicas";
            losses.Add(Loss(undisturbed.Values, step));
        }
        double loss = Loss(run, step), spread = losses.Max() - losses.Min();
        bool isWithin = loss >= losses.Min() - spread && loss <= losses.Max() + spread;
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"mix: samples of all {run.Count} steps equal to those of undisturbed runs of 1, 2 and 3 replicas · loss, mean of steps "
                    + $"{step - Last + 1} to {step}: {loss:0.000000}; undisturbed "
                    + $"{string.Join(", ", losses.Select(other => other.ToString("0.000000", CultureInfo.InvariantCulture)))}, spread "
                    + $"{spread:0.0e+00}; {(isWithin ? "within" : "NOT WITHIN")} the least less the spread to the most plus the spread"
            )
        );
        return isWithin ? null : $"the loss is {loss:0.000000}";
    }

    private RunDirectory Directory(int replicas) => new(Path.Combine(folder, "runs", $"undisturbed-{replicas}"));

    private static long Reached(RunDirectory directory) =>
        File.Exists(directory.Metrics) ? StepWatch.Recorded(directory).Select(step => step.Step).Append(0).Max() : 0;

    private static double Loss(IEnumerable<StepMetrics> steps, long until) =>
        steps.Where(step => step.Step > until - Last && step.Step <= until).Average(step => step.Loss);
}
