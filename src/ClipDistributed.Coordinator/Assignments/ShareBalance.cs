using ClipDistributed.Data.Streams;

namespace ClipDistributed.Coordinator.Assignments;

/// <summary>
/// Shares by speed: a step lasts as long as its slowest replica, so rows go from the slow to the fast ones. What a step
/// computes does not depend on its shares.
/// </summary>
internal static class ShareBalance
{
    /// <param name="shares">The present ones.</param>
    /// <param name="busy">Seconds of a step on each rank with its share, without waiting for others.</param>
    /// <param name="unit">Rows that must stay together; divides every share.</param>
    /// <param name="worth">The part of a step that must be gained, above 0 and below 1.</param>
    /// <returns>Null: not enough would be gained, or a rank has no rows, so that its speed is not known.</returns>
    public static Shares? Improve(Shares shares, IReadOnlyList<double> busy, int unit, double worth)
    {
        if (shares.Rows.Any(rows => rows == 0))
            return null;
        double[] each = [.. busy.Select((seconds, rank) => seconds * unit / shares.Rows[rank])]; // seconds of one unit
        var units = Fill(each, shares.Total / unit);
        double after = units.Select((count, rank) => count * each[rank]).Max();
        return after < (1 - worth) * busy.Max() ? new Shares([.. units.Select(count => count * unit)]) : null;
    }

    /// <summary>One unit each, so that its speed stays known; every other one to the rank that would be done with it first.</summary>
    private static int[] Fill(double[] each, int units)
    {
        int[] counts = [.. each.Select(_ => 1)];
        var next = new PriorityQueue<int, (double DoneAt, int Rank)>(each.Select((seconds, rank) => (rank, (2 * seconds, rank))));
        for (int dealt = counts.Length; dealt < units; dealt++)
        {
            int rank = next.Dequeue();
            counts[rank]++;
            next.Enqueue(rank, ((counts[rank] + 1) * each[rank], rank));
        }
        return counts;
    }
}
