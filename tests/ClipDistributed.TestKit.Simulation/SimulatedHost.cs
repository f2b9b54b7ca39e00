using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Processes;
using Google.Protobuf;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>A worker host with some processors, and its network.</summary>
internal sealed class SimulatedHost(SimulatedCluster cluster, string name, int processors = 2)
{
    // of one process, whatever breaks
    private static readonly ByteString Secret = ByteString.CopyFrom(Enumerable.Repeat((byte)1, 32).ToArray());

    private readonly List<SimulatedHostCall> calls = []; // that are not over for their coordinator
    private bool isGone = true;
    private SimulatedHostCall? call; // null: none is open
    private long term; // the highest received

    public string Name { get; } = name;

    public List<SimulatedReplica> Replicas { get; } = [];

    public bool IsDisconnected => call is null;

    /// <summary>A user has queue so; the host remembers it.</summary>
    public bool IsDrained { get; private set; }

    /// <summary>Its processes take a while to end, as those that wait for a disk do.</summary>
    public bool KillsSlowly { get; set; }

    /// <summary>Until when nothing goes from here to coordinators.</summary>
    public TimeSpan UpCutUntil { get; private set; }

    /// <summary>Until when nothing comes from coordinators.</summary>
    public TimeSpan DownCutUntil { get; private set; }

    public bool IsCutOff => UpCutUntil > cluster.Time.Now || DownCutUntil > cluster.Time.Now;

    private TimeSpan aloneUntil;

    /// <summary>Its replicas reach those of no other host.</summary>
    public bool IsAlone => aloneUntil > cluster.Time.Now;

    /// <summary>A part of its network fails for a while.</summary>
    public void Cut(TimeSpan duration, bool up, bool down, bool peers)
    {
        cluster.Trace(
            $"{Name} is cut off for {duration}{(up ? ", upwards" : "")}{(down ? ", downwards" : "")}{(peers ? ", from other hosts" : "")}"
        );
        var until = cluster.Time.Now + duration;
        UpCutUntil = up && until > UpCutUntil ? until : UpCutUntil;
        DownCutUntil = down && until > DownCutUntil ? until : DownCutUntil;
        aloneUntil = peers && until > aloneUntil ? until : aloneUntil;
        foreach (var open in calls.Select(open => open.Wire).Concat(Replicas.Select(replica => replica.Call).OfType<SimulatedCall>()))
            open.AwaitPings(() => IsCutOff);
    }

    /// <summary>As SIGTERM does: it asks to be drained, and ends some time later.</summary>
    public void Ends(TimeSpan grace)
    {
        IsDrained = true;
        call!.Send(new ConnectRequest { Drain = new Drain { GraceSeconds = (uint)grace.TotalSeconds } });
    }

    /// <summary>As <c>clipd host drain</c> does, where the coordinator knows the host.</summary>
    public void Drain(bool undo = false)
    {
        if (
            IsDisconnected
            || cluster.Coordinator is not { Time.IsStopped: false } coordinator
            || coordinator.Hosts.Connected.All(host => host.Offer.Host != Name)
        )
            return;
        cluster.Trace($"{Name} is {(undo ? "no longer " : "")}drained");
        // where the coordinator ends amid it, the host reports what it received
        _ = coordinator.Hosts.DrainAsync(Name, undo, "", coordinator.Over);
        IsDrained = !undo;
    }

    public void Connect()
    {
        isGone = false;
        if (call is not null)
            return;
        // A name that is still taken there is waited for.
        if (
            IsCutOff
            || cluster.Coordinator is not { Time.IsStopped: false } coordinator
            || calls.Any(open => open.Wire.Coordinator == coordinator)
        )
        {
            Retry();
            return;
        }
        var offer = new Offer
        {
            ProtocolVersion = Protocol.Version,
            Version = "0.1.0",
            Host = Name,
            Term = term,
            Secret = Secret,
            Drain = IsDrained ? new Drain() : null,
        };
        offer.Devices.AddRange(
            Enumerable
                .Range(0, processors)
                .Select(index => new Device
                {
                    Kind = DeviceKind.Cpu,
                    Index = index,
                    Threads = 1,
                    Name = "a processor",
                })
        );
        offer.ReplicaIds.AddRange(Replicas.Where(replica => replica.IsAlive).Select(replica => replica.Id));
        calls.Add(call = new SimulatedHostCall(cluster, this, coordinator, offer));
        call.Begin();
    }

    /// <summary>Its process is gone, and comes back with <see cref="Connect"/>.</summary>
    public void Leave()
    {
        isGone = true;
        foreach (var open in calls.ToList())
        {
            open.Wire.Leave();
            open.Wire.End();
        }
        cluster.Trace($"{Name} is gone");
    }

    /// <summary>Its connection breaks.</summary>
    public void BreakCall()
    {
        cluster.Trace($"{Name} loses its call");
        call?.Wire.Break();
    }

    public void Exited(SimulatedReplica replica, int code) => Exited(new ReplicaExited { ReplicaId = replica.Id, ExitCode = code });

    /// <summary>Coordinators' ends of its calls.</summary>
    public IEnumerable<SimulatedCall> Wires => calls.Select(open => open.Wire);

    private void Exited(ReplicaExited exited) => cluster.Soon(() => call?.Send(new ConnectRequest { ReplicaExited = exited }));

    private void Retry() => cluster.Time.After(cluster.Between(500, 4000), () => { if (!isGone) Connect(); });

    /// <summary>Its side of that call is over.</summary>
    public void Left(SimulatedHostCall open)
    {
        if (call != open)
            return;
        call = null;
        if (!isGone)
            Retry();
    }

    /// <summary>The coordinator's side of that call is over.</summary>
    public void Ended(SimulatedHostCall open) => calls.Remove(open);

    public void OnMessage(SimulatedHostCall from, ConnectResponse response)
    {
        if (call != from)
            return;
        if (response.Term < term)
        {
            from.Wire.Leave(); // another coordinator has taken over since
            return;
        }
        term = response.Term;
        switch (response.MessageCase)
        {
            case ConnectResponse.MessageOneofCase.Welcome:
                foreach (string replicaId in response.Welcome.ReplicaIdsToKill)
                    Kill(replicaId);
                break;
            case ConnectResponse.MessageOneofCase.LaunchReplica when response.LaunchReplica.Trial is { } trial:
                var end = cluster.Try(trial);
                cluster.Time.After(
                    cluster.Between(500, 2000),
                    () =>
                        Exited(
                            new ReplicaExited
                            {
                                ReplicaId = response.LaunchReplica.ReplicaId,
                                ExitCode = end.Code,
                                RowsBegun = end.Begun,
                            }
                        )
                );
                break;
            case ConnectResponse.MessageOneofCase.LaunchReplica:
                var replica = new SimulatedReplica(cluster, this, response.LaunchReplica);
                Replicas.Add(replica);
                from.Launched.Add(replica);
                break;
            case ConnectResponse.MessageOneofCase.KillReplica:
                cluster.Time.After(KillsSlowly ? cluster.Between(0, 4000) : TimeSpan.Zero, () => Kill(response.KillReplica.ReplicaId));
                break;
        }
    }

    private void Kill(string replicaId) => Replicas.Find(replica => replica.Id == replicaId)?.Die(137);
}
