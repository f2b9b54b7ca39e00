namespace ClipDistributed.Coordinator.Hosts;

/// <summary>How many devices a run wants.</summary>
/// <param name="Min">Without so many it does not start.</param>
/// <param name="Max">More it does not use.</param>
internal sealed record RunNeed(string RunId, int Min, int Max);
