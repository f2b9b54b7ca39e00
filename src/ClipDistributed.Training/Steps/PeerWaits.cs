using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Training.Steps;

/// <summary>
/// For whom this replica has waited: in each step the one that waited least was the last to be ready, and the others waited for it, each
/// as much longer than it. What all have waited alike is the exchange itself. Thread-safe.
/// </summary>
public sealed class PeerWaits
{
    private readonly Lock gate = new();
    private readonly Dictionary<int, double> seconds = []; // by rank

    /// <param name="waited">In one step, by rank.</param>
    /// <param name="rank">Of this replica.</param>
    public void Add(IReadOnlyList<double> waited, int rank)
    {
        int last = 0;
        for (int other = 1; other < waited.Count; other++)
            last = waited[other] < waited[last] ? other : last;
        double longer = waited[rank] - waited[last];
        if (longer <= 0)
            return;
        lock (gate)
            seconds[last] = seconds.GetValueOrDefault(last) + longer;
    }

    /// <returns>The longest first.</returns>
    public IReadOnlyList<PeerWait> Longest(int count)
    {
        lock (gate)
            return
            [
                .. seconds.OrderByDescending(one => one.Value).ThenBy(one => one.Key).Take(count)
                    .Select(one => new PeerWait { Rank = one.Key, Seconds = one.Value }),
            ];
    }
}
