namespace ClipDistributed.Coordinator.Hosts;

/// <summary>A run of the queue, as it is when devices are given.</summary>
/// <param name="IsHeldFor">Enough others have started before it, or some make way for it: none after it does until it has started.</param>
/// <param name="Quota">Devices that its owner may still use.</param>
/// <param name="Victims">Runs that make way for it.</param>
/// <param name="AwaitsVictims">Some of them still have devices.</param>
internal sealed record QueuedRun(
    RunNeed Need, bool IsHeldFor = false, int Quota = int.MaxValue, string Victims = "", bool AwaitsVictims = false)
{
    /// <summary>Its owner may use so many: it waits for its own, and holds up no other.</summary>
    public bool IsAllowed => Quota >= Need.Min;

    /// <summary>It comes before those after it: its owner may use so many, or may once the owner's own have made way.</summary>
    public bool HoldsUp => IsAllowed || AwaitsVictims;
}
