using ClipDistributed.Coordinator.Members;
namespace ClipDistributed.Coordinator.Generations;

/// <summary>How long too few replicas wait for others before they save and stop.</summary>
internal static class WaitLimit
{
    /// <param name="since">When they began to wait.</param>
    /// <param name="timeout">Of the spec.</param>
    /// <returns>Why they wait no longer, human-readable; null: they still do.</returns>
    public static string? Reached(IReadOnlyList<Replica> replicas, TimeSpan since, TimeSpan now, TimeSpan timeout)
    {
        var holders = replicas.Where(member => member is { IsLive: true, IsLinked: true, Applied: >= 0 }).ToList();
        if (holders.Count == 0)
            return null; // there is nothing to save
        if (now - since >= timeout)
            return $"no other replica became ready within {timeout.TotalMinutes:0.##} minutes";
        // Of a host that ends soon, half the time is for saving.
        string hosts = string.Join(", ", holders.Select(member => member.Device.Host).Distinct());
        return holders.All(member => member.Standing is Standing.Draining { Until: { } until } && now - since >= (until - since) / 2)
            ? $"host {hosts} ends soon and no other replica holds the state"
            : null;
    }
}
