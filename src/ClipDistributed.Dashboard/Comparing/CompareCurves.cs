using ClipDistributed.Dashboard.Feeds;

namespace ClipDistributed.Dashboard.Comparing;

/// <summary>Curves of one of several runs, for a browser.</summary>
/// <param name="IsWhole">Replaces what was there of this run; else it goes on after it.</param>
public sealed record CompareCurves(string RunId, bool IsWhole, IReadOnlyList<Curve> Curves);
