using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Dashboard.Shown;

/// <summary>Predictions in words, shares and places.</summary>
internal static class PredictionsShown
{
    /// <summary>The result of a step, else of the last one before it; without one the newest.</summary>
    /// <returns>Its place; −1: there is none.</returns>
    public static int At(IReadOnlyList<ProbeResult> results, long? step) =>
        step is { } asked ? Math.Max(0, results.Count(one => one.Step <= asked) - 1) : results.Count - 1;

    /// <summary>0 for the least alike of a matrix, 1 for the most alike.</summary>
    public static double Strength(ProbeResult result, double cosine)
    {
        var all = result.Similarity.SelectMany(row => row).Where(double.IsFinite).DefaultIfEmpty();
        double low = all.Min(), high = all.Max();
        return double.IsFinite(cosine) && high > low ? (cosine - low) / (high - low) : 0;
    }

    /// <summary>Which place a caption gives its own image, from 1.</summary>
    public static int Rank(IReadOnlyList<double> row, int own) => 1 + row.Count(other => other > row[own]);

    public static bool IsRight(IReadOnlyList<ClassGuess> guesses, string label) => guesses[0].Class == label;

    public static string Source(byte[] png) => $"data:image/png;base64,{Convert.ToBase64String(png)}";

    /// <summary>Why there are none, and what turns them on.</summary>
    /// <param name="hasEnded">None will come.</param>
    public static string WhyNone(TrainingSpec spec, long steps, bool hasEnded)
    {
        if (spec.Data is null || spec.Data.Validation.Count == 0)
            return "The spec names no validation data, so that nothing is evaluated.";
        if (spec.Evaluate?.Zeroshot is null && spec.Evaluate?.Retrieval is null or { Pairs: 0 })
            return "The spec has nothing that is evaluated on its validation data.";
        if (hasEnded)
            return "The run ended before its first evaluation, or was trained by a version that kept none.";
        return spec.Evaluate is { EverySteps: > 0 } evaluate
            ? $"The first evaluation follows step {Quantity.Whole(Math.Min(evaluate.EverySteps, steps))}."
            : $"The only evaluation follows the last step, {Quantity.Whole(steps)}.";
    }
}
