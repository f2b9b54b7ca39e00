using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>What is known of hosts that are lost, or are not heard. Thread-safe.</summary>
internal sealed class HostAbsences(HostRegistry registry, HostTokens tokens, SilentHosts silent)
{
    /// <inheritdoc cref="SilentHosts.Of"/>
    public IReadOnlyList<SilentHost> SilentOf(Run run) => silent.Of(run);

    /// <summary>That lost ones would offer.</summary>
    public IReadOnlyList<DeviceId> Devices =>
    [
        .. registry.Lost.SelectMany(lost => lost.Host.Offer.Devices
            .Select(device => new DeviceId(lost.Host.Offer.Host, device.Kind, device.Index))),
    ];

    /// <summary>Why lost ones cannot connect again, by their names.</summary>
    public IReadOnlyDictionary<string, string> Refusals
    {
        get
        {
            var refusals = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var lost in registry.Lost)
            {
                if (tokens.RefusalOf(lost.Host) is { } refusal)
                    refusals[lost.Host.Offer.Host] = refusal;
            }
            return refusals;
        }
    }
}
