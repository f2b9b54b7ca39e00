using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Links;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.Control;

/// <summary>Worker hosts as clients see them: those that are connected and those that were.</summary>
internal sealed class HostMessages(HostRegistry hosts, DevicePool pool, HostTokens tokens)
{
    public IEnumerable<Host> All() =>
        hosts.Connected.Select(host => Show(host, lost: null)).Concat(hosts.Lost.Select(gone => Show(gone.Host, gone)));

    /// <exception cref="RequestRefusedException">No such host is known.</exception>
    public Host Find(string name) =>
        hosts.Connected.FirstOrDefault(host => host.Offer.Host == name) is { } connected ? Show(connected, lost: null)
        : hosts.Lost.FirstOrDefault(gone => gone.Host.Offer.Host == name) is { } lost ? Show(lost.Host, lost)
        : throw RequestRefusedException.NotFound($"there is no host {name}; clipd host list shows all");

    private Host Show(ConnectedHost connected, LostHost? lost)
    {
        string name = connected.Offer.Host;
        var host = new Host
        {
            Name = name,
            Version = connected.Offer.Version,
            Connected = connected.Connected.ToTimestamp(),
            MemoryBytes = connected.Offer.MemoryBytes,
            Drained = lost?.WasDrained ?? pool.IsDrained(name),
            Lost = lost?.At.ToTimestamp(),
            Refusal = lost is null ? "" : tokens.RefusalOf(connected) ?? "",
        };
        if (pool.QuarantineOf(name) is { } quarantine)
            (host.Quarantine, host.QuarantinedUntil) = (quarantine.Evidence, quarantine.Until.ToTimestamp());
        foreach (var device in connected.Offer.Devices)
        {
            var id = new DeviceId(name, device.Kind, device.Index);
            var state = connected.DeviceStates.FirstOrDefault(state => (state.Kind, state.Index) == (device.Kind, device.Index));
            host.Devices.Add(ShownDevice.Of(id, device, state, pool.UserOf(id), pool.ReportedFault(id)));
        }
        return host;
    }
}
