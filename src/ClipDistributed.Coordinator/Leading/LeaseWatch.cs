using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;

namespace ClipDistributed.Coordinator.Leading;

/// <summary>
/// Judges whether the coordinator that leads still lives, by the signs of life that another one reads in the store. Only
/// durations of the reader's own monotonic clock count: no clocks are compared, so none that jumps does harm. Belongs to one loop.
/// </summary>
/// <param name="lease">It must give a sign within so long.</param>
internal sealed class LeaseWatch(TimeSpan lease)
{
    private (long Term, long Heartbeats)? seen;
    private TimeSpan since;
    private TimeSpan readAt;

    /// <summary>For how long the last sign that was read has been the last one.</summary>
    /// <param name="now">Of a monotonic clock.</param>
    public TimeSpan Silence(TimeSpan now) => now - since;

    /// <summary>Takes note of what was read.</summary>
    /// <param name="now">Of a monotonic clock.</param>
    /// <returns>True: nobody leads, or the one that did gave no sign for the lease.</returns>
    public bool IsOver(CoordinatorRow leader, TimeSpan now)
    {
        // Who did not read for a while, for it stood still or the store was away, has not seen a silence.
        if (seen != (leader.Term, leader.Heartbeats) || now - readAt > lease / 2)
            (seen, since) = ((leader.Term, leader.Heartbeats), now);
        readAt = now;
        return leader.Holder == "" || now - since >= lease;
    }
}
