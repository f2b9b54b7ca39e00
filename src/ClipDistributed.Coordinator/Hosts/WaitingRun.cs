namespace ClipDistributed.Coordinator.Hosts;

/// <summary>A run that waits for devices. Belongs to the pool.</summary>
internal sealed class WaitingRun(RunNeed need)
{
    public RunNeed Need { get; set; } = need;

    /// <summary>Since when it has had its minimum, a timestamp of the time provider; null: not enough devices.</summary>
    public long? EnoughSince { get; set; }
}
