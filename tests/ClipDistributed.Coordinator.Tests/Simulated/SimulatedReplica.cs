using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Runs;
using ConnectRequest = ClipDistributed.Contracts.Replica.V1.ConnectRequest;
using Record = ClipDistributed.Contracts.Replica.V1.Record;
using ConnectResponse = ClipDistributed.Contracts.Replica.V1.ConnectResponse;

namespace ClipDistributed.Coordinator.Tests.Simulated;

/// <summary>A replica without tensors that keeps to the protocol, with the real memory of its link.</summary>
internal sealed class SimulatedReplica
{
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(1);

    private readonly SimulatedCluster cluster;
    private readonly SimulatedHost host;
    private readonly LaunchReplica launch;
    private readonly LinkState state;
    private readonly List<CommandKind> commands = [];
    private SimulatedLink? link; // null: no call is open
    private int rank;

    public SimulatedReplica(SimulatedCluster cluster, SimulatedHost host, LaunchReplica launch)
    {
        (this.cluster, this.host, this.launch) = (cluster, host, launch);
        Run = cluster.RunOf(launch.RunId);
        StartedAt = cluster.Time.Now;
        state = new LinkState(Protocol.Version, launch.RunId, launch.ReplicaId);
        cluster.Replicas.Add(this);
        cluster.Trace($"{Id} starts on {host.Name}{(launch.Restore ? " and restores" : "")}");
        cluster.Time.After(cluster.Between(200, 2000), Begin);
    }

    public string Id => launch.ReplicaId;

    public SimulatedRun Run { get; }

    public TimeSpan StartedAt { get; }

    public bool Restores => launch.Restore;

    public bool IsAlive { get; private set; } = true;

    /// <summary>It neither works nor speaks, nor hears.</summary>
    public bool IsFrozen { get; private set; }

    /// <summary>It does not get on, though it shows signs of life; it does not hear either.</summary>
    public bool IsStuck { get; private set; }

    public bool IsLinked => link is not null && IsAlive;

    public bool WasGreeted { get; private set; }

    public long Applied { get; private set; } = -1;

    /// <summary>That it works in; null: it waits for one.</summary>
    public SimulatedGroup? Group { get; private set; }

    /// <summary>The last step of its generation that it knows its share of.</summary>
    public long Assigned { get; private set; }

    /// <summary>Given in its generation.</summary>
    public IReadOnlyList<CommandKind> Commands => commands;

    public bool Works => IsAlive && !IsFrozen && !IsStuck;

    /// <summary>Hands over what the coordinator has told since the last time.</summary>
    public void Read()
    {
        if (link is not { } open || !IsAlive)
            return;
        SimulatedCluster.Read(open.End.Outbox, told =>
        {
            if (told.Generation is { } begins)
                Run.CheckAnnounced(this, begins);
            open.Down(() => Take(open, told));
        });
    }

    public void Die(int code)
    {
        if (!IsAlive)
            return;
        IsAlive = false;
        cluster.Trace($"{Id} dies with {code}, at step {Applied}");
        if (link is { } open)
            open.Up(() => cluster.Coordinator?.Table.Post(Id, new RunInput.LinkLost(Id, open.End)));
        host.Exited(this, code);
        Group?.Break();
    }

    public void Freeze() => IsFrozen = true;

    public void Stick() => IsStuck = true;

    /// <summary>The call breaks: what is under way is lost; both sides see it in their time, and the replica connects again.</summary>
    public void Cut()
    {
        if (link is not { } broken || !IsAlive)
            return;
        cluster.Trace($"{Id} is cut off");
        broken.Cut();
        link = null;
        cluster.Time.After(cluster.Between(0, 3000), () => cluster.ToCoordinator(() => cluster.Coordinator?.Table.Post(Id, new RunInput.LinkLost(Id, broken.End))));
        cluster.Time.After(cluster.Between(0, 3000), Connect);
    }

    public void Apply(SimulatedGroup group, long step)
    {
        if (!Works || Group != group)
            return;
        Applied = step;
        if (rank == 0)
            Record(step);
        Say(Progress(StepPhase.Optimizer));
    }

    /// <summary>The state came from another, or was its own. Rank 0 writes the last step down, in case that its predecessor did not.</summary>
    public void TakeState(long step)
    {
        Applied = step;
        if (rank == 0 && step > 0)
            Record(step);
    }

    /// <summary>Nothing was assigned for a while.</summary>
    public void GoOnAlone(long step) => Assigned = Math.Max(Assigned, step);

    public void Fail(SimulatedGroup group)
    {
        if (!Works || Group != group)
            return;
        Group = null;
        Say(new ConnectRequest { Failure = new Failure { Generation = group.Number, Kind = FailureKind.Collective, Errors = { "closed" }, AppliedStep = Applied } });
    }

    public void End(SimulatedGroup group, bool finished)
    {
        if (!Works || Group != group)
            return;
        Group = null;
        Say(new ConnectRequest { Ended = new Ended { Generation = group.Number, AppliedStep = Applied, Finished = finished } });
    }

    private void Begin()
    {
        if (!IsAlive)
            return;
        if (cluster.DiesLoading(this))
        {
            Die(127);
            return;
        }
        if (launch.Restore)
            Applied = Run.Saved;
        Connect();
        cluster.Time.After(SignOfLife, ShowLife);
    }

    private void Connect()
    {
        if (!IsAlive || link is not null)
            return;
        if (IsFrozen || cluster.Coordinator is not { } coordinator)
        {
            cluster.Time.After(cluster.Between(200, 2000), Connect);
            return;
        }
        if (!coordinator.Table.Knows(Id, launch.RunId))
        {
            Die(1);
            return;
        }
        var first = state.Connect(Applied, 0);
        if (!coordinator.Table.IsLatest(Id, first[0].Hello.Connection))
        {
            cluster.Check(false, $"{Id} connects as {first[0].Hello}, but it has connected before");
            return;
        }
        var open = link = new SimulatedLink(cluster, new ReplicaLink(coordinator.Term));
        cluster.ToCoordinator(() =>
        {
            WasGreeted = true;
            cluster.Coordinator?.Table.Post(Id, new RunInput.ReplicaGreeted(Id, open.End, first[0].Hello));
        });
        foreach (var message in first.Skip(1))
            Send(open, message.Clone());
    }

    private void ShowLife()
    {
        if (!IsAlive || IsFrozen)
            return;
        Say(Progress(IsStuck ? StepPhase.Forward : StepPhase.Reduce));
        cluster.Time.After(SignOfLife, ShowLife);
    }

    private ConnectRequest Progress(StepPhase phase) => new()
    {
        Progress = new Progress { Generation = Group?.Number ?? 0, Step = Applied + 1, Phase = phase, AppliedStep = Applied },
    };

    private void Record(long step) => Say(new ConnectRequest
    {
        Record = new Record { Generation = Group!.Number, Record_ = SimulatedRun.RecordOf(step) },
    });

    private void Say(ConnectRequest message)
    {
        state.Say(message);
        if (link is not null)
            Send(link, message);
    }

    private void Send(SimulatedLink over, ConnectRequest message) =>
        over.Up(() => cluster.Coordinator?.Table.Post(Id, new RunInput.ReplicaSaid(Id, over.End, message)));

    private void Take(SimulatedLink from, ConnectResponse told)
    {
        if (!Works || link != from || state.Hear(told) != Hearing.Obey)
            return;
        switch (told.MessageCase)
        {
            case ConnectResponse.MessageOneofCase.Generation:
                Group?.Fail(this);
                (rank, Assigned, Group) = (told.Generation.Rank, told.Generation.StartStep, Run.GroupOf(told.Generation));
                commands.Clear();
                Group.Join(this);
                break;
            case ConnectResponse.MessageOneofCase.Assignment when told.Assignment.Generation == Group?.Number:
                cluster.Check(told.Assignment.FirstStep <= Assigned + 1, $"{Id} is assigned {told.Assignment} after step {Assigned}");
                Assigned = Math.Max(Assigned, told.Assignment.LastStep);
                break;
            case ConnectResponse.MessageOneofCase.Command when told.Command.Generation == Group?.Number:
                commands.Add(told.Command.Kind);
                cluster.Check(told.Command.Number == commands.Count, $"{Id} is given {told.Command} as number {commands.Count}");
                break;
            case ConnectResponse.MessageOneofCase.EndGeneration when told.EndGeneration.Generation == Group?.Number:
                Group.Fail(this);
                break;
            case ConnectResponse.MessageOneofCase.Leave:
                cluster.Soon(() => Die(0));
                break;
        }
    }
}
