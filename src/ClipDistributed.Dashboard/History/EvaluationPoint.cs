namespace ClipDistributed.Dashboard.History;

/// <param name="Time">Seconds since 1970, UTC.</param>
/// <param name="Value">0 to 1.</param>
public sealed record EvaluationPoint(long Step, long Samples, double Time, double Value);
