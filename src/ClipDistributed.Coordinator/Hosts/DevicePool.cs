using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Coordinator.Settings;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>
/// The devices of all connected hosts, the replicas that use them, and the runs that wait for devices.
/// A device runs one replica at a time. It stays taken while its host is not connected: its replica may be alive. Thread-safe.
/// </summary>
internal sealed partial class DevicePool
{
    /// <summary>Why a drained host's devices are closed.</summary>
    public const string Drained = "is drained";

    private readonly FailureHistories failures;
    private readonly Lock gate = new();
    private readonly SortedDictionary<DeviceId, string> offered = []; // its human-readable name; in order: each run that waits reads all
    private readonly Dictionary<DeviceId, (string RunId, string? ReplicaId)> taken = [];
    private readonly HashSet<string> drained = []; // hosts
    private readonly DeviceFaults faults = new();
    private readonly DeviceQueue queue;

    public DevicePool(CoordinatorOptions options, TimeProvider time)
    {
        failures = new FailureHistories(options.QuarantineAfter, time, () => Changed?.Invoke());
        queue = new DeviceQueue(options, time);
    }

    /// <summary>Devices were added, removed or became free, or the queue moved up: waiting runs should ask again.</summary>
    public event Action? Changed;

    /// <param name="process">Identifies the host's process; empty: it is not known.</param>
    public void Join(string host, IEnumerable<(DeviceId Id, string Label)> devices, string process = "")
    {
        bool isChanged;
        lock (gate)
        {
            isChanged = faults.Join(host, process);
            foreach (var (id, label) in devices)
                offered[id] = label;
        }
        if (isChanged)
            FaultsChanged?.Invoke();
        Changed?.Invoke();
    }

    /// <summary>A drained host's devices are offered to no run; runs that use them already are notified elsewhere.</summary>
    public void SetDrained(string host, bool isDrained)
    {
        lock (gate)
        {
            if (!(isDrained ? drained.Add(host) : drained.Remove(host)))
                return;
        }
        Changed?.Invoke();
    }

    public bool IsDrained(string host)
    {
        lock (gate)
            return drained.Contains(host);
    }

    /// <summary>Faulty devices are offered to no run; one that uses such a device already goes on with it while it can.</summary>
    /// <param name="now">All of the host, each with its fault.</param>
    /// <returns>Those that are faulty now and were not, and those that were and are no longer.</returns>
    public IReadOnlyList<(DeviceId Device, bool IsNew)> SetFaults(string host, IReadOnlyDictionary<DeviceId, string> now)
    {
        IReadOnlyList<(DeviceId Device, bool IsNew)> changed;
        lock (gate)
            changed = faults.Set(host, now);
        if (changed.Count > 0)
            Changed?.Invoke();
        return changed;
    }

    public void Leave(string host)
    {
        lock (gate)
        {
            foreach (var id in offered.Keys.Where(id => id.Host == host).ToList())
                offered.Remove(id);
            drained.Remove(host); // it reports that itself when it reconnects
            faults.Leave(host);
        }
        Changed?.Invoke();
    }

    /// <summary>A run begins, is taken over or waits again; what one that waits needs may have changed.</summary>
    /// <param name="waits">For devices, in the queue; false: it has some.</param>
    public void Enter(RunNeed need, bool waits = true)
    {
        lock (gate)
            queue.Enter(need, waits);
    }

    /// <inheritdoc cref="DeviceQueue.Leave"/>
    public void LeaveQueue(string runId, bool isPreempted = false)
    {
        lock (gate)
        {
            if (!queue.Leave(runId, isPreempted))
                return;
        }
        Changed?.Invoke();
    }

    /// <summary>A run has ended, or another coordinator leads it.</summary>
    public void Forget(string runId)
    {
        lock (gate)
        {
            if (!queue.Forget(runId))
                return;
        }
        Changed?.Invoke();
    }

    /// <inheritdoc cref="DeviceQueue.AheadOf"/>
    public IReadOnlyList<RunNeed> AheadOf(string runId)
    {
        lock (gate)
            return queue.AheadOf(runId, Users);
    }

    /// <summary>Places a run of the queue. When it can start, the devices are reserved for it; else others may be asked to make way.
    /// </summary>
    public Placement Claim(string runId)
    {
        Placement decision;
        lock (gate)
        {
            var devices = Devices();
            string[] users = [.. Users];
            decision = queue.Place(runId, devices, users);
            if (decision is Placement.Wait { IsPreempting: false })
                return decision;
            foreach (var device in (decision as Placement.Start)?.Devices ?? [])
                taken[device] = (runId, null);
            if (decision is Placement.Start)
                queue.Start(runId, devices, users);
        }
        Changed?.Invoke();
        return decision;
    }

    /// <inheritdoc cref="DeviceQueue.Foresee"/>
    public Placement Foresee(RunNeed need)
    {
        lock (gate)
            return queue.Foresee(need, Devices(), Users);
    }

    /// <summary>Gives free devices to a run that computes already; up to its minimum it takes precedence over those that wait.</summary>
    /// <param name="count">That it has fewer than its maximum.</param>
    public IReadOnlyList<DeviceId> ClaimMore(RunNeed need, DeviceKind kind, int count)
    {
        lock (gate)
        {
            count = queue.Bounded(need, count, Devices(), Users);
            var free = offered.Keys.Where(device => device.Kind == kind && !taken.ContainsKey(device))
                .Where(device => ClosedBecause(device) is null).Take(count).ToList();
            foreach (var device in free)
                taken[device] = (need.RunId, null);
            return free;
        }
    }

    /// <summary>Notes which replica is on a device of a run.</summary>
    public void Occupy(DeviceId device, string runId, string replicaId)
    {
        lock (gate)
            taken[device] = (runId, replicaId);
    }

    /// <summary>The replica has ended; nothing happens where another one has its device.</summary>
    public void Release(DeviceId device, string replicaId)
    {
        lock (gate)
        {
            if (!taken.TryGetValue(device, out var user) || user.ReplicaId != replicaId)
                return;
            taken.Remove(device);
        }
        Changed?.Invoke();
    }

    /// <summary>The run that has a device, and its replica there; null: none has. Also of a lost host.</summary>
    public (string RunId, string? ReplicaId)? UserOf(DeviceId device)
    {
        lock (gate)
            return taken.TryGetValue(device, out var user) ? user : null;
    }

    /// <summary>Hosts that get no replicas now and why, as in <c>; host a is drained</c>; empty: there are none.</summary>
    public string Closed => PlacementPolicy.Closed(Snapshot());

    /// <summary>The devices of all connected hosts.</summary>
    public IReadOnlyList<OfferedDevice> Snapshot()
    {
        lock (gate)
            return Devices();
    }

    /// <summary>The run of each device that is taken.</summary>
    private IEnumerable<string> Users => taken.Values.Select(user => user.RunId);

    private List<OfferedDevice> Devices() =>
    [
        .. offered.Select(device => taken.TryGetValue(device.Key, out var user)
            ? new OfferedDevice(device.Key, device.Value, user.RunId, user.ReplicaId, ClosedBecause(device.Key))
            : new OfferedDevice(device.Key, device.Value, Closed: ClosedBecause(device.Key))),
    ];

    private string? ClosedBecause(DeviceId device)
    {
        if (drained.Contains(device.Host))
            return Drained;
        if (failures.ClosedBecause(device) is { } closed)
            return closed;
        return faults.Of(device) is { } fault ? $"has a faulty {device.Name} ({fault})" : null;
    }
}
