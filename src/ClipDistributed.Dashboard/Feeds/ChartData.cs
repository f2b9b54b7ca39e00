namespace ClipDistributed.Dashboard.Feeds;

/// <summary>Curves for a browser: of each metric and attempt, steps and values beside each other.</summary>
/// <param name="IsWhole">Replaces what was there; else it goes on after it.</param>
/// <param name="Curves">Of one metric, several attempts.</param>
public sealed record ChartData(bool IsWhole, IReadOnlyList<Curve> Curves);
