namespace ClipDistributed.Dashboard.History;

/// <summary>Something that happened.</summary>
/// <param name="Kind"><c>start</c>, <c>checkpoint</c> or <c>incident</c>.</param>
/// <param name="Step">Null: only its time is known.</param>
/// <param name="Time">Seconds since 1970, UTC.</param>
public sealed record ChartMark(string Kind, long? Step, double Time, string Text);
