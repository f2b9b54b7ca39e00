namespace ClipDistributed.Coordinator.Hosts;

/// <summary>How many devices a run needs.</summary>
/// <param name="Min">It does not start with fewer.</param>
/// <param name="Max">It does not use more.</param>
internal sealed record RunNeed(string RunId, int Min, int Max);
