using System.Diagnostics.Metrics;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Telemetry;

namespace ClipDistributed.Coordinator.Metrics;

/// <summary>The metrics of worker hosts and their devices, computed when they are scraped.</summary>
internal sealed class HostMetrics
{
    /// <summary>Of one metric; further hosts and devices are left out.</summary>
    private const int MaxSeries = 2_000;

    private readonly HostRegistry hosts;
    private readonly DevicePool pool;

    public HostMetrics(HostRegistry hosts, DevicePool pool, IMeterFactory meters)
    {
        (this.hosts, this.pool) = (hosts, pool);
        var meter = meters.Create(MetricNames.Meter);
        meter.CreateObservableGauge(MetricNames.Hosts, HostStates, description: "Worker hosts.");
        meter.CreateObservableGauge(MetricNames.Devices, DeviceCounts, description: "Devices of connected hosts; slots are cpu.");
        meter.CreateObservableGauge(
            MetricNames.HostMemory,
            () => hosts.Connected.Take(MaxSeries).Select(host => Of(host.Offer.MemoryBytes, (MetricNames.HostId, host.Offer.Host))),
            "By",
            "What the processes of a host may use.");
        meter.CreateObservableGauge(
            MetricNames.DeviceUtilisation,
            () => Described(device => device.HasUtilisation, device => device.Utilisation),
            description: "Share of the last second in which a device computed; of a slot, CPU time by time and threads.");
        meter.CreateObservableGauge(
            MetricNames.DeviceFreeMemory,
            () => Described(device => device.HasFreeMemoryBytes, device => device.FreeMemoryBytes),
            "By",
            "Free memory of a GPU.");
    }

    /// <summary>Each state has a value, so that one in which no host is does not vanish.</summary>
    private IEnumerable<Measurement<int>> HostStates()
    {
        var counts = hosts.Connected.Select(host => StateOf(host.Offer.Host)).CountBy(state => state).ToDictionary();
        counts["lost"] = hosts.Lost.Count;
        return ((string[])["ready", "drained", "quarantined", "lost"]).Select(
            state => Of(counts.GetValueOrDefault(state), (MetricNames.State, state)));
    }

    private string StateOf(string host) =>
        pool.IsDrained(host) ? "drained" : pool.QuarantineOf(host) is not null ? "quarantined" : "ready";

    private IEnumerable<Measurement<int>> DeviceCounts()
    {
        var counts = pool.Snapshot()
            .CountBy(device => (device.Id.Kind, State: device.RunId is not null ? "used" : device.Closed is null ? "free" : "closed"))
            .ToDictionary();
        foreach (var kind in (DeviceKind[])[DeviceKind.Cpu, DeviceKind.Cuda])
        {
            foreach (string state in (string[])["free", "used", "closed"])
                yield return Of(
                    counts.GetValueOrDefault((kind, state)), (MetricNames.Kind, DeviceId.NameOf(kind)), (MetricNames.State, state));
        }
    }

    private IEnumerable<Measurement<T>> Described<T>(Func<DeviceState, bool> has, Func<DeviceState, T> value)
        where T : struct =>
        (from host in hosts.Connected
         from device in host.DeviceStates
         where has(device)
         let id = new DeviceId(host.Offer.Host, device.Kind, device.Index)
         select Of(value(device), (MetricNames.HostId, id.Host), (MetricNames.Device, id.Name))).Take(MaxSeries);

    private static Measurement<T> Of<T>(T value, params (string Name, string Value)[] labels)
        where T : struct =>
        new(value, labels.Select(label => new KeyValuePair<string, object?>(label.Name, label.Value)));
}
