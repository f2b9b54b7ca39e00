namespace ClipDistributed.Coordinator.Hosts;

/// <summary>A run of the queue, as it is when devices are given.</summary>
/// <param name="IsHeldFor">Enough others have started before it: none after it does until it has started.</param>
/// <param name="Quota">Devices that its owner may still use.</param>
internal sealed record QueuedRun(RunNeed Need, bool IsHeldFor = false, int Quota = int.MaxValue)
{
    /// <summary>Its owner may use so many: it waits for its own, and holds up no other.</summary>
    public bool IsAllowed => Quota >= Need.Min;
}
