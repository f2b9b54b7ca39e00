using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.Leading;

/// <summary>
/// Judges whether the leader is alive, by the heartbeats that a standby reads in the store. Only durations of the reader's own monotonic
/// clock count: no clocks are compared, so a clock that is set does no harm. Belongs to one loop.
/// </summary>
/// <param name="lease">It must send a heartbeat within so long.</param>
internal sealed class LeaseWatch(TimeSpan lease)
{
    private (long Term, long Heartbeats)? seen;
    private TimeSpan since;
    private TimeSpan readAt;

    /// <summary>How long ago the last heartbeat was first read.</summary>
    /// <param name="now">Of a monotonic clock.</param>
    public TimeSpan SinceHeartbeat(TimeSpan now) => now - since;

    /// <summary>The leader's row was read.</summary>
    /// <param name="now">Of a monotonic clock.</param>
    /// <returns>True: no coordinator leads, or the leader's lease has expired.</returns>
    public bool IsOver(CoordinatorRow leader, TimeSpan now)
    {
        // A reader that paused, or could not read the store for a while, starts over.
        if (seen != (leader.Term, leader.Heartbeats) || now - readAt > lease / 2)
            (seen, since) = ((leader.Term, leader.Heartbeats), now);
        readAt = now;
        return leader.Holder == "" || now - since >= lease;
    }
}
