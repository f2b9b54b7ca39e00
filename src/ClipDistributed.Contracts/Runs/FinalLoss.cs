using System.Globalization;
using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Contracts.Runs;

/// <summary>
/// The loss that a run is said to have ended with, the same wherever it is shown. One step's loss depends on its samples.
/// </summary>
public static class FinalLoss
{
    /// <summary>Steps that the mean is taken over.</summary>
    public const int Steps = 20;

    /// <param name="steps">In order.</param>
    /// <returns>The mean of the last finite losses; null: there is none.</returns>
    public static double? Of(IEnumerable<StepMetrics> steps)
    {
        double[] losses = Last(steps);
        return losses.Length == 0 ? null : losses.Average();
    }

    /// <summary>As in <c>3.512 (mean of the last 20 steps)</c>.</summary>
    public static string Describe(IEnumerable<StepMetrics> steps) =>
        Last(steps) switch
        {
            [] => "not finite",
            [double only] => string.Create(CultureInfo.InvariantCulture, $"{only:0.000}"),
            var losses => string.Create(
                CultureInfo.InvariantCulture,
                $"{losses.Average():0.000} ({(losses.Length == 1 ? "of the last step" : $"mean of the last {losses.Length} steps")})"
            ),
        };

    private static double[] Last(IEnumerable<StepMetrics> steps) =>
        [.. steps.TakeLast(Steps).Select(step => step.Loss).Where(double.IsFinite)];
}
