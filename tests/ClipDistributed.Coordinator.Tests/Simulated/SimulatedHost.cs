using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Coordinator.Links;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Tests.Simulated;

/// <summary>A worker host with two processors.</summary>
internal sealed class SimulatedHost(SimulatedCluster cluster, string name)
{
    private Words? words; // null: away
    private Task call = Task.CompletedTask;

    public string Name { get; } = name;

    public List<SimulatedReplica> Replicas { get; } = [];

    public bool IsAway => words is null;

    /// <summary>A user has said so; the host remembers it.</summary>
    public bool IsDrained { get; private set; }

    /// <summary>As SIGTERM does: it asks to be drained, and ends some time later.</summary>
    public void Ends(TimeSpan grace)
    {
        IsDrained = true;
        words!.Say(new ConnectRequest { Drain = new Drain { GraceSeconds = (uint)grace.TotalSeconds } });
        cluster.Thread.Run();
    }

    /// <summary>As <c>clipd host drain</c> does, where the host is connected.</summary>
    public void Drain(bool undo = false)
    {
        if (IsAway || cluster.Coordinator is not { Time.IsStopped: false } coordinator)
            return;
        cluster.Trace($"{Name} is {(undo ? "no longer " : "")}drained");
        coordinator.Hosts.Drain(Name, undo);
        IsDrained = !undo;
    }

    public void Connect()
    {
        if (cluster.Coordinator is not { } coordinator)
            return; // it tries again when there is one
        words = new Words();
        var offer = new Offer { ProtocolVersion = Protocol.Version, Version = "0.1.0", Host = Name, Drain = IsDrained ? new Drain() : null };
        offer.Devices.AddRange(Enumerable.Range(0, 2).Select(index => new Device { Kind = DeviceKind.Cpu, Index = index, Threads = 1, Name = "a processor" }));
        offer.ReplicaIds.AddRange(Replicas.Where(replica => replica.IsAlive).Select(replica => replica.Id));
        words.Say(new ConnectRequest { Offer = offer });
        call = coordinator.Hosts.RunAsync(new Call<ConnectRequest, ConnectResponse>(words, WelcomedAsync, Name, CancellationToken.None));
        cluster.Thread.Run();
    }

    /// <summary>The call breaks.</summary>
    public void Leave()
    {
        var old = words!;
        words = null;
        old.End();
        cluster.Thread.Run(call);
        cluster.Trace($"{Name} is away");
    }

    /// <summary>Hands over what the coordinator has told since the last time.</summary>
    public void Read()
    {
        if (cluster.Coordinator?.Hosts.Connected.FirstOrDefault(host => host.Offer.Host == Name) is { } connected)
            SimulatedCluster.Read(connected.Outbox, told => cluster.Soon(() => Take(told)));
    }

    public void Exited(SimulatedReplica replica, int code) => cluster.Soon(() => cluster.ToCoordinator(() =>
        words?.Say(new ConnectRequest { ReplicaExited = new ReplicaExited { ReplicaId = replica.Id, ExitCode = code } })));

    private void Take(ConnectResponse told)
    {
        if (IsAway)
            return;
        switch (told.MessageCase)
        {
            case ConnectResponse.MessageOneofCase.LaunchReplica when told.LaunchReplica.Trial is { } trial:
                var end = cluster.Try(trial);
                cluster.Time.After(cluster.Between(500, 2000), () => cluster.ToCoordinator(() =>
                    words?.Say(new ConnectRequest { ReplicaExited = new ReplicaExited { ReplicaId = told.LaunchReplica.ReplicaId, ExitCode = end.Code, RowsBegun = end.Begun } })));
                break;
            case ConnectResponse.MessageOneofCase.LaunchReplica:
                Replicas.Add(new SimulatedReplica(cluster, this, told.LaunchReplica));
                break;
            case ConnectResponse.MessageOneofCase.KillReplica:
                Kill(told.KillReplica.ReplicaId);
                break;
        }
    }

    private void Kill(string replicaId) => Replicas.FirstOrDefault(replica => replica.Id == replicaId)?.Die(137);

    /// <summary>The first message; those after it are read by <see cref="Read"/>, so that they come in a fixed order.</summary>
    private Task WelcomedAsync(ConnectResponse told, CancellationToken cancel)
    {
        foreach (string replicaId in told.Welcome.ReplicaIdsToKill)
            cluster.Soon(() => Kill(replicaId));
        return Task.Delay(Timeout.Infinite, cancel);
    }

    /// <summary>What the host says, as the coordinator reads it.</summary>
    private sealed class Words : IAsyncStreamReader<ConnectRequest>
    {
        private readonly Queue<ConnectRequest?> said = new();
        private TaskCompletionSource<bool>? reader;

        public ConnectRequest Current { get; private set; } = new();

        public void Say(ConnectRequest message) => Add(message);

        public void End() => Add(null);

        public Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            if (said.Count > 0)
                return Task.FromResult(Take());
            reader = new TaskCompletionSource<bool>();
            return reader.Task;
        }

        private void Add(ConnectRequest? message)
        {
            said.Enqueue(message);
            if (reader is not { } waiting)
                return;
            reader = null;
            waiting.SetResult(Take());
        }

        private bool Take()
        {
            var next = said.Dequeue();
            Current = next ?? Current;
            return next is not null;
        }
    }
}
