namespace ClipDistributed.Reporting.Runs;

/// <summary>One zero-shot evaluation as written to <c>metrics.jsonl</c>.</summary>
/// <param name="Step">After how many steps.</param>
/// <param name="Samples">Pairs seen until then.</param>
/// <param name="Source">Name of the validation data.</param>
/// <param name="Top1">Share of images whose best class is the right one, 0 to 1.</param>
/// <param name="Top5">Share of images whose right class is among the best five, 0 to 1.</param>
/// <param name="Count">Images.</param>
public sealed record EvaluationRecord(long Step, long Samples, string Source, double Top1 = double.NaN, double Top5 = double.NaN, long Count = 0);
