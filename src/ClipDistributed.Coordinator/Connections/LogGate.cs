namespace ClipDistributed.Coordinator.Connections;

/// <summary>
/// Lets one log line of its kind through in a minute: what a peer can cause as often as it likes fills no log. Thread-safe.
/// </summary>
internal sealed class LogGate(TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private long? last;
    private long leftOut;

    /// <param name="before">How many were not let through since the last one that was.</param>
    public bool TryPass(out long before)
    {
        lock (gate)
        {
            before = leftOut;
            if (last is { } moment && time.GetElapsedTime(moment) < Period)
            {
                leftOut++;
                return false;
            }
            (last, leftOut) = (time.GetTimestamp(), 0);
            return true;
        }
    }
}
