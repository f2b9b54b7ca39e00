namespace ClipDistributed.Dashboard.Feeds;

/// <summary>How fast a run was over its last steps.</summary>
/// <param name="Split">Where the time of a step went, seconds, by the names of its phases; empty: it was not recorded.</param>
public sealed record RunSpeed(double SamplesPerSecond, double SecondsPerStep, IReadOnlyDictionary<string, double> Split);
