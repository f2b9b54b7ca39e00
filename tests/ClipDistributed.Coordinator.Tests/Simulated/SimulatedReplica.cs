using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Coordinator.Runs;
using ConnectRequest = ClipDistributed.Contracts.Replica.V1.ConnectRequest;
using ConnectResponse = ClipDistributed.Contracts.Replica.V1.ConnectResponse;

namespace ClipDistributed.Coordinator.Tests.Simulated;

/// <summary>A replica without tensors that keeps to the protocol.</summary>
internal sealed class SimulatedReplica
{
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(1);

    private readonly SimulatedCluster cluster;
    private readonly SimulatedHost host;
    private readonly LaunchReplica launch;
    private readonly List<CommandKind> commands = [];
    private ReplicaLink? link;
    private bool isCut; // what was under way is lost
    private TimeSpan arrivesUp, arrivesDown;

    public SimulatedReplica(SimulatedCluster cluster, SimulatedHost host, LaunchReplica launch)
    {
        (this.cluster, this.host, this.launch) = (cluster, host, launch);
        Run = cluster.RunOf(launch.RunId);
        StartedAt = cluster.Time.Now;
        cluster.Replicas.Add(this);
        cluster.Trace($"{Id} starts on {host.Name}{(launch.Restore ? " and restores" : "")}");
        cluster.Time.After(cluster.Between(200, 2000), Greet);
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

    public bool IsLinked => link is not null && !isCut && IsAlive;

    public bool WasGreeted => link is not null;

    public long Applied { get; private set; } = -1;

    /// <summary>That it works in; null: it waits for one.</summary>
    public SimulatedGroup? Group { get; private set; }

    /// <summary>The last assigned step of its generation.</summary>
    public long Assigned { get; private set; }

    /// <summary>Given in its generation.</summary>
    public IReadOnlyList<CommandKind> Commands => commands;

    public bool Works => IsAlive && !IsFrozen && !IsStuck;

    /// <summary>Hands over what the coordinator has told since the last time.</summary>
    public void Read()
    {
        if (link is null || !IsAlive)
            return;
        SimulatedCluster.Read(link.Outbox, told =>
        {
            if (told.Generation is { } begins)
                Run.CheckAnnounced(this, begins);
            arrivesDown = cluster.Later(arrivesDown);
            cluster.Time.After(arrivesDown - cluster.Time.Now, () => Take(told));
        });
    }

    public void Die(int code)
    {
        if (!IsAlive)
            return;
        IsAlive = false;
        cluster.Trace($"{Id} dies with {code}, at step {Applied}");
        if (link is not null)
            Up(new RunInput.LinkLost(Id));
        host.Exited(this, code);
        Group?.Break();
    }

    public void Freeze() => IsFrozen = true;

    public void Stick() => IsStuck = true;

    /// <summary>The network is cut: what is under way is lost; both sides see it in their time.</summary>
    public void Cut()
    {
        if (!IsLinked)
            return;
        cluster.Trace($"{Id} is cut off");
        isCut = true;
        cluster.Time.After(cluster.Between(0, 3000), () => cluster.Table.Post(Id, new RunInput.LinkLost(Id)));
        cluster.Time.After(cluster.Between(0, 3000), () => Die(1));
    }

    public void Apply(SimulatedGroup group, long step)
    {
        if (!Works || Group != group)
            return;
        Applied = step;
        Say(Progress(StepPhase.Optimizer));
    }

    /// <summary>The state came from another.</summary>
    public void TakeState(long step) => Applied = step;

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

    private void Greet()
    {
        if (!IsAlive)
            return;
        if (cluster.DiesLoading(this))
        {
            Die(127);
            return;
        }
        if (!cluster.Table.Knows(Id, launch.RunId) || cluster.Table.HadLink(Id))
        {
            Die(1);
            return;
        }
        if (launch.Restore)
            Applied = Run.Saved;
        link = new ReplicaLink();
        cluster.Table.Post(Id, new RunInput.ReplicaGreeted(Id, link, new Hello { RunId = launch.RunId, ReplicaId = Id, AppliedStep = Applied }));
        cluster.Time.After(SignOfLife, ShowLife);
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

    private void Say(ConnectRequest message) => Up(new RunInput.ReplicaSaid(Id, message));

    private void Up(RunInput input)
    {
        if (isCut)
            return;
        arrivesUp = cluster.Later(arrivesUp);
        cluster.Time.After(arrivesUp - cluster.Time.Now, () =>
        {
            if (!isCut)
                cluster.Table.Post(Id, input);
        });
    }

    private void Take(ConnectResponse told)
    {
        if (!Works || isCut)
            return;
        switch (told.MessageCase)
        {
            case ConnectResponse.MessageOneofCase.Generation:
                Group?.Fail(this);
                (Assigned, Group) = (told.Generation.StartStep, Run.GroupOf(told.Generation));
                commands.Clear();
                Group.Join(this);
                break;
            case ConnectResponse.MessageOneofCase.Assignment when told.Assignment.Generation == Group?.Number:
                cluster.Check(told.Assignment.FirstStep == Assigned + 1, $"{Id} is assigned {told.Assignment} after step {Assigned}");
                Assigned = told.Assignment.LastStep;
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
