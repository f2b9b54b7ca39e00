using System.Globalization;
using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Contracts.Runs;

/// <summary>Whether training waits for its data, for which stage of the pipeline, and what helps.</summary>
public static class DataLimit
{
    /// <summary>The first steps wait for the pipeline to fill.</summary>
    public const int Warmup = 5;

    /// <summary>Steps that a judgement needs.</summary>
    public const int MinSteps = 20;

    private const double MinShare = 0.2; // of the steps' time; below it there is little to win

    /// <param name="steps">Consecutive steps from a start on.</param>
    /// <returns>One line; null: data is not what limits the run, or it is too early to say.</returns>
    public static string? Advice(IEnumerable<StepMetrics> steps)
    {
        StepMetrics[] counted = [.. steps.Skip(Warmup).Where(step => step is { Split: not null, Pipeline: not null })];
        if (counted.Length < MinSteps)
            return null;
        double share = counted.Sum(step => step.Split.Data) / counted.Sum(step => step.Seconds);
        if (!(share >= MinShare))
            return null;
        string stage = counted.Sum(step => step.Pipeline!.Reading) > counted.Sum(step => step.Pipeline!.Decoding)
            ? "reading the shards takes longest; put them on a faster disk, or pack smaller images (clipd data pack --resize)"
            : "decoding takes longest; pack smaller images (clipd data pack --resize), or give the replica more --threads";
        return string.Create(CultureInfo.InvariantCulture, $"The steps wait {100 * share:0} % of their time for data: {stage}.");
    }
}
