namespace ClipDistributed.Coordinator.Hosts;

/// <summary>A run that has not ended, as it is when one of higher priority finds too few free devices.</summary>
/// <param name="IsLeaving">The devices that it has become free by themselves: it ends, is paused, or makes way already.</param>
/// <param name="SparedFor">It was preempted before, and may not be again for so long; null: it may.</param>
internal sealed record PlacedRun(RunNeed Need, bool IsLeaving = false, TimeSpan? SparedFor = null);
