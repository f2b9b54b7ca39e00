using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Host.V1;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>Places a waiting run on devices.</summary>
internal static class PlacementPolicy
{
    /// <param name="devices">Of all connected hosts, the ones in use included.</param>
    /// <param name="ahead">Runs that come first and wait too, in their order.</param>
    /// <param name="enoughFor">How long the run has had its minimum of devices; null: it had not when it was last asked.</param>
    /// <param name="joinWindow">How long it then waits for more.</param>
    public static Placement Decide(
        QueuedRun run, IReadOnlyList<OfferedDevice> devices, IReadOnlyList<QueuedRun> ahead, TimeSpan? enoughFor, TimeSpan joinWindow)
    {
        var need = run.Need;
        var open = devices.Where(device => device.Closed is null).ToList();
        var counts = DeviceCounts.Of(devices);
        if (!counts.CanEverRun(need))
            return new Placement.Wait($"{TooFew(need, open, devices.Count > 0)}{Closed(devices)}");
        if (!run.IsAllowed)
            return new Placement.Wait(
                $"needs at least {Counted.Plain(need.Min, "device")}; its owner {need.Owner} may use {Math.Max(0, run.Quota)} more now");
        // A run that the connected hosts cannot satisfy blocks no other; one for which there is no room yet does after a while.
        var first = ahead.FirstOrDefault(other =>
            other.IsAllowed && counts.CanRunNow(other.Need) || other.HoldsUp && other.IsHeldFor && counts.CanEverRun(other.Need));
        if (first is not null)
            return new Placement.Wait(first.Victims != ""
                ? $"queued after {first.Need.RunId}, which gets the devices of {first.Victims}"
                : first.IsHeldFor ? $"queued after {first.Need.RunId}, for which devices are held: others have started before it"
                : $"queued after {first.Need.RunId}, which starts first");

        var free = Best(need, open);
        if (free.Count < need.Min)
            return new Placement.Wait($"{InUse(need, open)}{Queued(run, ahead.LastOrDefault(other => counts.CanEverRun(other.Need)))}");
        int max = Math.Min(need.Max, run.Quota);
        if (free.Count < max && (enoughFor ?? TimeSpan.Zero) < joinWindow)
            return new Placement.Wait(
                $"{Counted.Plain(free.Count, "device")} {Are(free.Count)} free; waits a moment for up to {max}",
                joinWindow - (enoughFor ?? TimeSpan.Zero));
        string kind = DeviceId.NameOf(free[0].Kind);
        return new Placement.Start([.. free.Take(max)], free.Count >= max
            ? $"{Counted.Plain(max, "device")} of kind {kind} {Are(max)} free"
            : $"no more than {Counted.Plain(free.Count, "device")} of kind {kind} came in time, at least {need.Min} suffice");
    }

    /// <summary>Free devices of the kind to use: CUDA where there are enough, else processors.</summary>
    private static List<DeviceId> Best(RunNeed need, IReadOnlyList<OfferedDevice> devices)
    {
        var free = devices.Where(device => device.RunId is null).Select(device => device.Id).Order().ToList();
        var cuda = free.Where(device => device.Kind == DeviceKind.Cuda).ToList();
        return cuda.Count >= need.Min ? cuda : [.. free.Where(device => device.Kind == DeviceKind.Cpu)];
    }

    private static string TooFew(RunNeed need, IReadOnlyList<OfferedDevice> devices, bool isAnyConnected)
    {
        string wanted = $"needs at least {Counted.Plain(need.Min, "device")}";
        if (devices.Count == 0)
            return $"{wanted}; no worker host {(isAnyConnected ? "offers one" : "is connected, start one with clipd worker")}";
        bool mixed = devices.Select(device => device.Id.Kind).Distinct().Count() > 1;
        var hosts = devices.GroupBy(device => device.Id.Host).OrderBy(host => host.Key, StringComparer.Ordinal).ToList();
        var offers = hosts.Select(host => $"{host.Key} {string.Join(" + ", Kinds(host))}");
        string offered = $"{Counted.Plain(hosts.Count, "host")} {(hosts.Count == 1 ? "offers" : "offer")} {devices.Count}";
        return $"{wanted}{(mixed ? " of one kind" : "")}; {offered}: {string.Join(", ", offers)}";
    }

    /// <summary>As in <c>2 cpu</c>, <c>1 cuda</c>.</summary>
    private static IEnumerable<string> Kinds(IEnumerable<OfferedDevice> devices) =>
        devices.CountBy(device => device.Id.Kind).OrderBy(kind => kind.Key).Select(kind => $"{kind.Value} {DeviceId.NameOf(kind.Key)}");

    private static string Queued(QueuedRun run, QueuedRun? before) =>
        run.IsHeldFor ? "; what becomes free is held for it"
        : before is not null ? $"; queued after {before.Need.RunId}"
        : "";

    private static string InUse(RunNeed need, IReadOnlyList<OfferedDevice> devices)
    {
        int free = devices.Count(device => device.RunId is null);
        var users = devices.Select(device => device.RunId).OfType<string>().Distinct().Order(StringComparer.Ordinal);
        string used = free == 0
            ? devices.Count == 1 ? "the only one is" : $"all {devices.Count} are"
            : $"{free} of {devices.Count} {Are(free)} free, the others are";
        return $"needs at least {Counted.Plain(need.Min, "free device")}; {used} used by {string.Join(", ", users)}";
    }

    /// <summary>As in <c>; host a is drained</c>; empty where no host is closed.</summary>
    public static string Closed(IReadOnlyList<OfferedDevice> devices) =>
        string.Concat(devices.Where(device => device.Closed is not null)
            .Select(device => $"; host {device.Id.Host} {device.Closed}").Distinct());

    private static string Are(int count) => count == 1 ? "is" : "are";
}
