using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Training.Evaluation;

/// <summary>How many images were classified as labelled.</summary>
/// <param name="Top1">Share whose class scored highest, 0 to 1.</param>
/// <param name="Top5">Share whose class is among the five highest; null where there are no more than five classes.</param>
/// <param name="Count">Images that were classified.</param>
/// <param name="Damaged">Images that could not be, because their bytes or their block are damaged.</param>
public sealed record ZeroshotScore(double Top1, double? Top5, long Count, long Damaged)
{
    /// <summary>As it is recorded.</summary>
    /// <param name="step">The applied step of the weights; 0: not known.</param>
    /// <param name="samples">Seen up to that step; 0: not known.</param>
    public EvaluationMetrics ToMetrics(string source, int classes, long step = 0, long samples = 0)
    {
        var metrics = new EvaluationMetrics
        {
            Step = step,
            Samples = samples,
            Source = source,
            Top1 = Top1,
            Count = Count,
            Damaged = Damaged,
            Classes = classes,
        };
        if (Top5 is { } fifth)
            metrics.Top5 = fifth;
        return metrics;
    }
}
