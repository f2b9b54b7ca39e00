namespace ClipDistributed.Coordinator.Hosts;

/// <summary>A run of the queue, as it is when devices are given.</summary>
/// <param name="IsHeldFor">Enough others have started before it: none after it does until it has started.</param>
internal sealed record QueuedRun(RunNeed Need, bool IsHeldFor = false);
