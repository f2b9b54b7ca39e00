using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Dashboard.Feeds;

/// <summary>Saved states of a run, the newest first.</summary>
/// <param name="HasMore">There are older ones.</param>
public sealed record CheckpointList(IReadOnlyList<Checkpoint> All, bool HasMore);
