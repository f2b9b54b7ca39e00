namespace ClipDistributed.Coordinator.Hosts;

/// <summary>A worker host whose call has ended.</summary>
/// <param name="Host">As it was.</param>
/// <param name="WasDrained">It was about to leave.</param>
internal sealed record LostHost(ConnectedHost Host, DateTimeOffset At, bool WasDrained);
