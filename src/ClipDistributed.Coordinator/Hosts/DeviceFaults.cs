namespace ClipDistributed.Coordinator.Hosts;

/// <summary>Why devices cannot be used, human-readable: as their hosts say in heartbeats, and as the last replica on them said. Not
/// thread-safe.</summary>
internal sealed class DeviceFaults
{
    private readonly Dictionary<DeviceId, string> seen = [];
    private readonly Dictionary<DeviceId, string> reported = [];

    /// <param name="now">All that the host sees, each with its fault.</param>
    /// <returns>Those that are faulty now and were not, and those that were and are no longer.</returns>
    public IReadOnlyList<(DeviceId Device, bool IsNew)> Set(string host, IReadOnlyDictionary<DeviceId, string> now)
    {
        var before = seen.Keys.Where(device => device.Host == host).ToList();
        var (gone, added) = (before.Except(now.Keys), now.Keys.Except(before));
        List<(DeviceId Device, bool IsNew)> changed =
            [.. added.Select(device => (device, true)), .. gone.Select(device => (device, false))];
        foreach (var device in before)
            seen.Remove(device);
        foreach (var (device, fault) in now)
            seen[device] = fault;
        return changed;
    }

    /// <summary>A replica lost its device by that.</summary>
    public void Report(DeviceId device, string fault) => reported[device] = fault;

    /// <summary>What the last replica on the device said; null: nothing.</summary>
    public string? ReportedOf(DeviceId device) => reported.GetValueOrDefault(device);

    public string? Of(DeviceId device) => seen.GetValueOrDefault(device) ?? reported.GetValueOrDefault(device);

    /// <summary>The host is gone.</summary>
    public void Forget(string host)
    {
        Remove(seen, host);
        Remove(reported, host);
    }

    /// <summary>A user has cleared what replicas reported.</summary>
    /// <returns>False: there was nothing.</returns>
    public bool Clear(string host) => Remove(reported, host);

    private static bool Remove(Dictionary<DeviceId, string> faults, string host)
    {
        var all = faults.Keys.Where(device => device.Host == host).ToList();
        all.ForEach(device => faults.Remove(device));
        return all.Count > 0;
    }
}
