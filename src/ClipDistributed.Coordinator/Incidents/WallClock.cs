namespace ClipDistributed.Coordinator.Incidents;

/// <summary>
/// Detects that the wall clock was set: then it advances by more, or less, than the monotonic clock, which all timeouts go by.
/// </summary>
internal sealed class WallClock(TimeProvider time)
{
    private static readonly TimeSpan Min = TimeSpan.FromMinutes(1); // less is an ordinary correction

    private (long Elapsed, DateTimeOffset Wall) last = (time.GetTimestamp(), time.GetUtcNow());

    /// <returns>How far it was set since this was last asked, ahead or back; null: it was not.</returns>
    public TimeSpan? Set()
    {
        var before = last;
        last = (time.GetTimestamp(), time.GetUtcNow());
        var by = last.Wall - before.Wall - time.GetElapsedTime(before.Elapsed, last.Elapsed);
        return by.Duration() >= Min ? by : null;
    }
}
