using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Coordinator.Generations;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>
/// The devices of all connected hosts, who uses them, and the runs that wait for some, in the order of their submission.
/// A device runs one replica at a time. It stays taken while its host is away: its replica may live. Thread-safe.
/// </summary>
internal sealed class DevicePool(CoordinatorOptions options, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Dictionary<DeviceId, string> offered = []; // its name for people
    private readonly Dictionary<DeviceId, (string RunId, string? ReplicaId)> taken = [];
    private readonly HashSet<string> drained = []; // hosts
    private readonly List<Waiting> line = [];

    /// <summary>Devices came, went or became free, or the line moved up: who waits should ask again.</summary>
    public event Action? Changed;

    public void Join(string host, IEnumerable<(DeviceId Id, string Label)> devices)
    {
        lock (gate)
        {
            foreach (var (id, label) in devices)
                offered[id] = label;
        }
        Changed?.Invoke();
    }

    /// <summary>A drained host's devices are offered to nobody; who uses them already is told by others.</summary>
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

    public void Leave(string host)
    {
        lock (gate)
        {
            foreach (var id in offered.Keys.Where(id => id.Host == host).ToList())
                offered.Remove(id);
            drained.Remove(host); // it says so itself when it comes back
        }
        Changed?.Invoke();
    }

    /// <summary>Puts a run at the end of the line.</summary>
    public void Enter(RunNeed need)
    {
        lock (gate)
            line.Add(new Waiting(need));
    }

    /// <summary>Takes a run out of the line, where it is in it.</summary>
    public void Forget(string runId)
    {
        lock (gate)
            line.RemoveAll(waiting => waiting.Need.RunId == runId);
        Changed?.Invoke();
    }

    /// <summary>Decides about a run in the line. When it can start, the devices are its own from here on.</summary>
    public GenerationDecision Claim(string runId)
    {
        GenerationDecision decision;
        lock (gate)
        {
            int place = line.FindIndex(waiting => waiting.Need.RunId == runId);
            var run = line[place];
            TimeSpan? enoughFor = run.EnoughSince is { } since ? time.GetElapsedTime(since) : null;
            decision = GenerationDecision.Decide(run.Need, Devices(), [.. line.Take(place).Select(waiting => waiting.Need)], enoughFor, options.JoinWindow);
            if (decision is not GenerationDecision.Start start)
            {
                run.EnoughSince = decision is GenerationDecision.Wait { AskAgainIn: not null } ? run.EnoughSince ?? time.GetTimestamp() : null;
                return decision;
            }
            foreach (var device in start.Devices)
                taken[device] = (runId, null);
            line.RemoveAt(place);
        }
        Changed?.Invoke();
        return decision;
    }

    /// <summary>Gives free devices to a run that computes already and has lost some; it goes before those that wait.</summary>
    public IReadOnlyList<DeviceId> ClaimMore(string runId, DeviceKind kind, int count)
    {
        lock (gate)
        {
            var free = Devices().Where(device => device is { RunId: null, Closed: null } && device.Id.Kind == kind).Select(device => device.Id).Take(count).ToList();
            foreach (var device in free)
                taken[device] = (runId, null);
            return free;
        }
    }

    /// <summary>Says which replica is on a device of a run.</summary>
    public void Occupy(DeviceId device, string runId, string replicaId)
    {
        lock (gate)
            taken[device] = (runId, replicaId);
    }

    /// <summary>The replica is gone; nothing happens where the device is no longer its.</summary>
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

    /// <summary>The devices of all connected hosts.</summary>
    public IReadOnlyList<OfferedDevice> Snapshot()
    {
        lock (gate)
            return Devices();
    }

    private List<OfferedDevice> Devices() =>
    [
        .. offered.OrderBy(device => device.Key).Select(device => taken.TryGetValue(device.Key, out var user)
            ? new OfferedDevice(device.Key, device.Value, user.RunId, user.ReplicaId, ClosedBecause(device.Key.Host))
            : new OfferedDevice(device.Key, device.Value, Closed: ClosedBecause(device.Key.Host))),
    ];

    private string? ClosedBecause(string host) => drained.Contains(host) ? "is drained" : null;

    private sealed class Waiting(RunNeed need)
    {
        public RunNeed Need { get; } = need;

        /// <summary>A timestamp of the time provider; null: not enough devices.</summary>
        public long? EnoughSince { get; set; }
    }
}
