namespace ClipDistributed.Coordinator.Hosts;

/// <summary>Whether a waiting run can start, on which devices, and the reason.</summary>
internal abstract record Placement(string Reason)
{
    /// <param name="AskAgainIn">The run has its minimum of devices and waits so long for more; null: something has to change first.</param>
    internal sealed record Wait(string Reason, TimeSpan? AskAgainIn = null) : Placement(Reason);

    /// <param name="Devices">All of one kind, in the order of ranks.</param>
    internal sealed record Start(IReadOnlyList<DeviceId> Devices, string Reason) : Placement(Reason);
}
