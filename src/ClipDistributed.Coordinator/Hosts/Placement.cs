namespace ClipDistributed.Coordinator.Hosts;

/// <summary>Whether a waiting run can start, on which devices, and the reason.</summary>
internal abstract record Placement(string Reason)
{
    /// <param name="AskAgainIn">Time alone changes something then: the run has its minimum and waits so long for more, or may preempt
    /// others; null: something else has to.</param>
    /// <param name="IsPreempting">Others are to make way for it from now on.</param>
    internal sealed record Wait(string Reason, TimeSpan? AskAgainIn = null, bool IsPreempting = false) : Placement(Reason);

    /// <param name="Devices">All of one kind, in the order of ranks.</param>
    internal sealed record Start(IReadOnlyList<DeviceId> Devices, string Reason) : Placement(Reason);
}
