namespace ClipDistributed.Training.Evaluation;

/// <summary>How many images were classified as labelled.</summary>
/// <param name="Top1">Share whose class scored highest, 0 to 1.</param>
/// <param name="Top5">Share whose class is among the five highest; null where there are no more than five classes.</param>
/// <param name="Count">Images that were classified.</param>
/// <param name="Damaged">Images that could not be, because their bytes or their block are damaged.</param>
public sealed record ZeroshotScore(double Top1, double? Top5, long Count, long Damaged);
