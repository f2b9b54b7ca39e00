namespace ClipDistributed.Dashboard.History;

/// <summary>What one source was evaluated at.</summary>
/// <param name="Chart"><c>zeroshot</c> or <c>retrieval</c>.</param>
/// <param name="Name">Can be shown as it is.</param>
public sealed record EvaluationCurve(string Chart, string Name, List<EvaluationPoint> Points);
