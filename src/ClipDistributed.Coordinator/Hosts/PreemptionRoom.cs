using ClipDistributed.Contracts.Host.V1;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>Devices that are free, or become free without any further preemption, by kind. Those that are taken first are counted off.
/// </summary>
internal sealed class PreemptionRoom
{
    private readonly Dictionary<DeviceKind, int> all = [], free = [];
    private readonly Dictionary<(string RunId, DeviceKind Kind), int> held = [];
    private readonly Dictionary<string, int> returned = []; // to owners, by runs that give their devices back

    public PreemptionRoom(IReadOnlyList<OfferedDevice> devices, IReadOnlyList<PlacedRun> placed)
    {
        var leaving = placed.Where(run => run.IsLeaving).ToDictionary(run => run.Need.RunId, run => run.Need.Owner);
        foreach (var device in devices)
        {
            string? owner = device.RunId is null ? null : leaving.GetValueOrDefault(device.RunId);
            if (owner is not null)
                returned[owner] = returned.GetValueOrDefault(owner) + 1;
            if (device.Closed is not null)
                continue;
            var kind = device.Id.Kind;
            all[kind] = all.GetValueOrDefault(kind) + 1;
            if (device.RunId is null || owner is not null)
                free[kind] = free.GetValueOrDefault(kind) + 1;
            else
                held[(device.RunId, kind)] = held.GetValueOrDefault((device.RunId, kind)) + 1;
        }
    }

    /// <summary>A run that comes first gets its minimum.</summary>
    /// <returns>False: that is not there.</returns>
    public bool TryTake(RunNeed need)
    {
        var kind = Missing(need, DeviceKind.Cuda) <= 0 ? DeviceKind.Cuda : DeviceKind.Cpu;
        if (Missing(need, kind) > 0)
            return false;
        free[kind] -= need.Min;
        return true;
    }

    public bool Has(QueuedRun run) =>
        MissingQuota(run) <= 0 && (Missing(run.Need, DeviceKind.Cuda) <= 0 || Missing(run.Need, DeviceKind.Cpu) <= 0);

    public bool CanHold(RunNeed need, DeviceKind kind) => all.GetValueOrDefault(kind) >= need.Min;

    public int Missing(RunNeed need, DeviceKind kind) => need.Min - free.GetValueOrDefault(kind);

    /// <summary>Devices that its owner must use fewer of first.</summary>
    public int MissingQuota(QueuedRun run) =>
        run.IsAllowed ? 0 : run.Need.Min - run.Quota - returned.GetValueOrDefault(run.Need.Owner);

    public int CountOf(PlacedRun run, DeviceKind kind) => held.GetValueOrDefault((run.Need.RunId, kind));

    public int CountOf(PlacedRun run) => CountOf(run, DeviceKind.Cuda) + CountOf(run, DeviceKind.Cpu);
}
