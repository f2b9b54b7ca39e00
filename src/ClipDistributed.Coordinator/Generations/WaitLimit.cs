using ClipDistributed.Coordinator.Members;
namespace ClipDistributed.Coordinator.Generations;

/// <summary>How long too few replicas wait for others before they save and stop.</summary>
internal static class WaitLimit
{
    /// <param name="since">When they began to wait.</param>
    /// <param name="patience">Of the spec.</param>
    /// <returns>Why they wait no longer, human-readable; null: they still do.</returns>
    public static string? Reached(IReadOnlyList<Replica> replicas, TimeSpan since, TimeSpan now, TimeSpan patience)
    {
        var holders = replicas.Where(member => member is { IsLive: true, IsLinked: true, Applied: >= 0 }).ToList();
        if (holders.Count == 0)
            return null; // there is nothing to save that is not saved
        if (now - since >= patience)
            return $"nobody else came within {patience.TotalMinutes:0.##} minutes";
        // Of a host that ends soon, half the time is for saving.
        return holders.All(member => member.Standing is Standing.Draining { Until: { } until } && now - since >= (until - since) / 2)
            ? $"host {string.Join(", ", holders.Select(member => member.Device.Host).Distinct())} ends soon and nobody else holds the state"
            : null;
    }
}
