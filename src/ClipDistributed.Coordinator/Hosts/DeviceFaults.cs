namespace ClipDistributed.Coordinator.Hosts;

/// <summary>
/// Why devices cannot be used, human-readable: as their hosts say in heartbeats, and as the last replica on them said. What a replica
/// said holds until another process of its host connects: that machine was seen to. Not thread-safe.
/// </summary>
internal sealed class DeviceFaults
{
    private readonly Dictionary<DeviceId, string> seen = [];
    private readonly Dictionary<DeviceId, ReportedFault> reported = [];
    private readonly Dictionary<string, string> processes = new(StringComparer.Ordinal); // of hosts as they connected last, by name

    /// <summary>What replicas reported.</summary>
    public IReadOnlyList<ReportedFault> Reported => [.. reported.Values];

    /// <summary>The host is connected.</summary>
    /// <param name="process">Identifies its process; empty: it is not known, and another one than before.</param>
    /// <returns>Whether what replicas reported is not as it was: under a former process it is forgotten.</returns>
    public bool Join(string host, string process)
    {
        processes[host] = process;
        var others = reported.Values.Where(fault => fault.Device.Host == host && (process == "" || fault.Process != process)).ToList();
        foreach (var fault in others)
        {
            if (fault.Process == "" && process != "")
                Restore(fault with { Process = process }); // a replica connects to a new coordinator before its host does
            else
                reported.Remove(fault.Device);
        }
        return others.Count > 0;
    }

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
    public void Report(DeviceId device, string fault) =>
        Restore(new ReportedFault(device, processes.GetValueOrDefault(device.Host, ""), fault));

    /// <summary>It was reported to a coordinator before this one.</summary>
    public void Restore(ReportedFault fault) => reported[fault.Device] = fault;

    /// <summary>What the last replica on the device said; null: nothing.</summary>
    public string? ReportedOf(DeviceId device) => reported.GetValueOrDefault(device)?.Fault;

    public string? Of(DeviceId device) => seen.GetValueOrDefault(device) ?? ReportedOf(device);

    /// <summary>The host is gone, and says anew what it sees when it reconnects; replicas of its process may still report.</summary>
    public void Leave(string host) => Remove(seen, device => device.Host == host);

    /// <summary>A user has cleared what replicas reported.</summary>
    /// <returns>False: there was nothing.</returns>
    public bool Clear(string host) => Remove(reported, device => device.Host == host);

    private static bool Remove<T>(Dictionary<DeviceId, T> faults, Func<DeviceId, bool> which)
    {
        var all = faults.Keys.Where(which).ToList();
        all.ForEach(device => faults.Remove(device));
        return all.Count > 0;
    }
}
