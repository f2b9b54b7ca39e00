namespace ClipDistributed.Coordinator.Hosts;

/// <summary>Whether a run that waits can start, on which devices, and why so or why not.</summary>
internal abstract record Placement(string Reason)
{
    /// <param name="AskAgainIn">The run has its fewest devices and waits so long for more; null: something has to change first.</param>
    internal sealed record Wait(string Reason, TimeSpan? AskAgainIn = null) : Placement(Reason);

    /// <param name="Devices">All of one kind, in the order of ranks.</param>
    internal sealed record Start(IReadOnlyList<DeviceId> Devices, string Reason) : Placement(Reason);
}
