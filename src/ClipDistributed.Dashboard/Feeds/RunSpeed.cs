namespace ClipDistributed.Dashboard.Feeds;

/// <summary>How fast a run was over its last steps.</summary>
public sealed record RunSpeed(double SamplesPerSecond, double SecondsPerStep);
