namespace ClipDistributed.Coordinator.Hosts;

/// <summary>A worker host whose call has ended.</summary>
/// <param name="Host">As it was when it was lost.</param>
/// <param name="WasDrained">It was drained.</param>
internal sealed record LostHost(ConnectedHost Host, DateTimeOffset At, bool WasDrained)
{
    /// <summary>Its call ended because its coordinator did: since then this one, which is new, awaits it.</summary>
    public bool IsAwaited { get; init; }
}
