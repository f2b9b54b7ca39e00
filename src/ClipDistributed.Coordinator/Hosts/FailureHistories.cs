using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>
/// The recent failures of hosts, and of single devices whose own they are, connected or not. Not thread-safe.
/// </summary>
/// <param name="max">As of <see cref="HostFailureHistory"/>.</param>
/// <param name="opened">Is called when a host or a device is no longer closed, on any thread.</param>
internal sealed class FailureHistories(int max, TimeProvider time, Action opened)
{
    private readonly Dictionary<(string Host, DeviceId? Device), HostFailureHistory> histories = [];
    private readonly Dictionary<(string Host, DeviceId? Device), ITimer> openings = [];
    private readonly long began = time.GetTimestamp();

    private TimeSpan Now => time.GetElapsedTime(began);

    /// <param name="device">Null: the failure is the host's.</param>
    /// <param name="cause">What the loss ended, such as a generation; the same cause again is not another loss.</param>
    /// <param name="evidence">Human-readable.</param>
    /// <param name="ago">How long ago.</param>
    /// <returns>Until when it is quarantined for it, human-readable, and why; null: it is not, and only gets none for a moment.</returns>
    public string? Record(string host, DeviceId? device, string cause, string evidence, TimeSpan ago)
    {
        var of = (host, device);
        if (!histories.TryGetValue(of, out var history))
            histories[of] = history = new HostFailureHistory(max);
        bool isQuarantined = history.Record(cause, evidence, Now - ago);
        if (openings.Remove(of, out var former))
            former.Dispose();
        // Runs that wait ask again then.
        var closed = history.ClosedUntil > Now ? history.ClosedUntil - Now : TimeSpan.Zero;
        openings[of] = time.CreateTimer(_ => opened(), null, closed, Timeout.InfiniteTimeSpan);
        return isQuarantined ? $"until {Readable(history.ClosedUntil)}: {history.Evidence}" : null;
    }

    /// <summary>Those of the host and of its devices.</summary>
    /// <returns>False: there was none.</returns>
    public bool Clear(string host)
    {
        var all = histories.Keys.Where(of => of.Host == host).ToList();
        all.ForEach(of => histories.Remove(of));
        return all.Count > 0;
    }

    /// <summary>Why the host is quarantined, and until when; null: it is not.</summary>
    public (string Evidence, DateTimeOffset Until)? QuarantineOf(string host) =>
        histories.TryGetValue((host, null), out var history) && history.IsQuarantined && history.ClosedUntil > Now
            ? (history.Evidence, At(history.ClosedUntil))
            : null;

    /// <summary>Why a device gets no replicas now, said of its host; null: it may get some.</summary>
    public string? ClosedBecause(DeviceId device) =>
        Closed((device.Host, null)) is { } ofHost
            ? $"{(ofHost.IsQuarantined ? "is quarantined" : "gets no replicas after a loss")} until {Readable(ofHost.ClosedUntil)}"
            : Closed((device.Host, device)) is { } own
            ? $"{(own.IsQuarantined ? $"has {device.Name} quarantined" : $"gets no replicas on {device.Name} after a loss")} until "
                + Readable(own.ClosedUntil)
            : null;

    private HostFailureHistory? Closed((string Host, DeviceId? Device) of) =>
        histories.TryGetValue(of, out var history) && history.ClosedUntil > Now ? history : null;

    private DateTimeOffset At(TimeSpan moment) => time.GetUtcNow() + (moment - Now);

    private string Readable(TimeSpan moment) => UtcTime.Readable(At(moment));
}
