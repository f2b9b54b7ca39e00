using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Hosts;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.History.Explanations;

/// <summary>What its own hosts mean for a run now, before anything is concluded from that.</summary>
internal static class HostExplanation
{
    /// <summary>Hosts and replicas that are not heard.</summary>
    public static IEnumerable<Explanation> OfSilent(RunFindings found) => found.Silent.Select(host => OfSilent(host, found.Now));

    /// <summary>Hosts that are drained or closed, or have devices that are, with its replicas still on them: each reason once.</summary>
    public static IEnumerable<Explanation> OfClosed(RunFindings found) => Closed(found)
        .GroupBy(device => (device.Id.Host, device.Closed)).Select(group => OfClosed(group.Key.Host, group.Key.Closed!, [.. group]));

    /// <summary>Their hosts are explained, each with its reason.</summary>
    public static IEnumerable<OfferedDevice> Closed(RunFindings found) => found.Devices
        .Where(device => device is { Closed: not null, ReplicaId: not null } && device.RunId == found.Run.RunId);

    private static Explanation OfSilent(SilentHost host, DateTimeOffset now)
    {
        string clause = host.Clause(now);
        var silent = new Explanation
        {
            Kind = ExplanationKind.Silent,
            Text = $"{char.ToUpperInvariant(clause[0])}{clause[1..]}.",
            Hosts = { host.Host },
            Evidence = host.Why,
            Time = host.Since?.ToTimestamp(),
        };
        silent.ReplicaIds.AddRange(host.Silent.Select(replica => replica.ReplicaId));
        return silent;
    }

    private static Explanation OfClosed(string host, string why, List<OfferedDevice> devices)
    {
        string[] replicas = [.. devices.Select(device => device.ReplicaId).OfType<string>()];
        string they = replicas.Length == 1 ? "it" : "they";
        string what = why == DevicePool.Drained
            ? $"{they} {(replicas.Length == 1 ? "leaves" : "leave")} at a step boundary, as soon as others suffice for replicas.min"
            : $"{they} may go on, and others are started elsewhere";
        var closed = new Explanation
        {
            Kind = ExplanationKind.HostClosed,
            Text = $"Host {host} {why}, with {string.Join(", ", replicas)}: {what}.",
            Hosts = { host },
            Evidence = why,
        };
        closed.ReplicaIds.AddRange(replicas);
        return closed;
    }
}
