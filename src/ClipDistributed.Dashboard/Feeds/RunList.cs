using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Dashboard.Feeds;

/// <summary>Runs, newest first.</summary>
/// <param name="HasMore">There are older ones.</param>
public sealed record RunList(IReadOnlyList<Run> Runs, bool HasMore);
