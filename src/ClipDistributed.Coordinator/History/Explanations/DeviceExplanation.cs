using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Coordinator.Hosts;

namespace ClipDistributed.Coordinator.History.Explanations;

/// <summary>Which devices a run could have, and why it has not: as <see cref="PlacementPolicy"/> decides, in parts.</summary>
internal static class DeviceExplanation
{
    /// <summary>Longer lists are cut.</summary>
    private const int MaxHolders = 20;

    /// <summary>Of a run that has no devices yet.</summary>
    public static IEnumerable<Explanation> OfWaiting(RunFindings found)
    {
        if (found.Need is not { } need)
            return [new Explanation { Kind = ExplanationKind.DevicesMissing, Text = $"It waits for devices: {found.Run.Reason}." }];
        var open = Open(found);
        var first = CanEverRun(need, open) ? found.Ahead.FirstOrDefault(other => CanEverRun(other, open)) : null;
        return
        [
            .. Never(found, need),
            .. first is null ? [] : new[] { Queued(first) },
            Missing(need, open, found.Run.Reason),
            .. OfMissing(found),
        ];
    }

    /// <summary>Of a run that could use more: who holds devices, and which hosts are closed.</summary>
    public static IEnumerable<Explanation> OfMissing(RunFindings found)
    {
        var holders = Open(found).Where(device => device.RunId is not null && device.RunId != found.Run.RunId)
            .GroupBy(device => (device.RunId, device.Id.Host)).OrderByDescending(held => held.Count()).ToList();
        foreach (var held in holders.Take(MaxHolders))
            yield return Held(held.Key.RunId!, held.Key.Host, [.. held]);
        var explained = HostExplanation.Closed(found).Select(device => (device.Id.Host, device.Closed!));
        var closed = found.Devices.Where(device => device.Closed is not null).Select(device => (device.Id.Host, device.Closed!));
        foreach (var (host, why) in closed.Except(explained).Take(MaxHolders)) // each once
            yield return new Explanation
            {
                Kind = ExplanationKind.HostClosed, Text = $"Host {host} {why}: it gets no replicas.", Hosts = { host }, Evidence = why,
            };
    }

    /// <summary>It would not start if all devices that are known were free and open to it.</summary>
    private static IEnumerable<Explanation> Never(RunFindings found, RunNeed need)
    {
        string scale = $"clipd run scale {need.RunId} --min";
        if (found.Quota < need.Min)
            yield return Unplaceable(
                $"It can never start here: it needs {Counted.Plain(need.Min, "device")}, and "
                    + $"{(need.Owner == "" ? "an owner" : need.Owner)} may use {found.Quota} together. {scale} {found.Quota} "
                    + "lets it start with fewer.", need, found.Quota.Value);
        var known = found.Devices.Select(device => device.Id).Concat(found.LostDevices).Distinct().ToList();
        int most = known.CountBy(device => device.Kind).Select(kind => kind.Value).DefaultIfEmpty(0).Max();
        if (most < need.Min && most > 0)
            yield return Unplaceable(
                $"It can never start here as things are: it needs {Counted.Plain(need.Min, "device")} of one kind, and "
                    + $"{Counted.Plain(known.Select(device => device.Host).Distinct().Count(), "known host")} have {most} together, lost, "
                    + $"drained and busy ones included. Add hosts with clipd worker, or {scale} {most} lets it start with fewer.",
                need,
                most);
    }

    private static Explanation Unplaceable(string text, RunNeed need, int available) => new()
    {
        Kind = ExplanationKind.Unplaceable, Text = text, Needed = need.Min, Available = available,
    };

    private static Explanation Queued(RunNeed first) => new()
    {
        Kind = ExplanationKind.Queued,
        Text = $"{first.RunId} is placed before it and waits for devices too: it comes first.",
        RunId = first.RunId,
        Needed = first.Min,
    };

    /// <param name="reason">As it was placed last, which may be more than a lack of devices: its owner may use no more, or devices are held
    /// for another run.</param>
    private static Explanation Missing(RunNeed need, List<OfferedDevice> open, string reason)
    {
        var (kind, free) = Best(open);
        string wanted = $"It needs {Counted.Plain(need.Min, "device")}{(need.Max > need.Min ? $", or up to {need.Max}," : "")} of one kind";
        string offered = open.Count == 0 ? "no host offers one" : $"{free} of {open.Count(device => device.Id.Kind == kind)} "
            + $"{DeviceId.NameOf(kind)} devices {(free == 1 ? "is" : "are")} free";
        return new Explanation
        {
            Kind = ExplanationKind.DevicesMissing,
            Text = $"{wanted}; {offered}.{(reason == "" || !CanEverRun(need, open) ? "" : $" It waits: {reason}.")}",
            Needed = need.Min,
            Available = free,
            Evidence = reason,
        };
    }

    private static Explanation Held(string runId, string host, List<OfferedDevice> devices)
    {
        var held = new Explanation
        {
            Kind = ExplanationKind.DevicesHeld,
            Text = $"{runId} holds {devices.Count} on host {host}.",
            RunId = runId,
            Hosts = { host },
            Held = devices.Count,
        };
        held.ReplicaIds.AddRange(devices.Select(device => device.ReplicaId).OfType<string>());
        return held;
    }

    /// <summary>The kind of which most are free.</summary>
    private static (DeviceKind Kind, int Free) Best(List<OfferedDevice> open) => open.GroupBy(device => device.Id.Kind)
        .Select(kind => (Kind: kind.Key, Free: kind.Count(device => device.RunId is null)))
        .OrderByDescending(kind => kind.Free).ThenByDescending(kind => kind.Kind).FirstOrDefault((DeviceKind.Cpu, 0));

    private static bool CanEverRun(RunNeed need, List<OfferedDevice> open) =>
        open.CountBy(device => device.Id.Kind).Any(kind => kind.Value >= need.Min);

    private static List<OfferedDevice> Open(RunFindings found) => [.. found.Devices.Where(device => device.Closed is null)];
}
