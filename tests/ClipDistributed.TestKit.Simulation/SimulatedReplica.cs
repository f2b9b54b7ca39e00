using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using ConnectRequest = ClipDistributed.Contracts.Replica.V1.ConnectRequest;
using ConnectResponse = ClipDistributed.Contracts.Replica.V1.ConnectResponse;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>A replica without tensors that keeps to the protocol, with the real state of its link.</summary>
internal sealed class SimulatedReplica : SimulatedProcess
{
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(1);

    private readonly SimulatedCluster cluster;
    private readonly LaunchReplica launch;
    private readonly SimulatedLink link;
    private readonly TimeSpan heartbeatInterval; // its clock's second
    private SimulatedState? last; // that it has computed itself
    private double pace; // seconds that a row takes it

    public SimulatedReplica(SimulatedCluster cluster, SimulatedHost host, LaunchReplica launch)
        : base(cluster)
    {
        (this.cluster, Host, this.launch) = (cluster, host, launch);
        heartbeatInterval = HeartbeatInterval * (0.95 + cluster.Pick(100) / 1000.0);
        ChangePace();
        Run = cluster.RunOf(launch.RunId);
        StartedAt = cluster.Time.Now;
        Orders = new SimulatedOrders(cluster, Id, 0);
        link = new SimulatedLink(cluster, this, OnMessage);
        cluster.Replicas.Add(this);
        cluster.Trace($"{Id} starts on {host.Name}{(launch.Restore ? " and restores" : "")}");
        cluster.Time.After(cluster.Between(200, 2000), Begin);
    }

    public override string Id => launch.ReplicaId;

    /// <summary>That it was started with.</summary>
    public ByteString Secret => launch.Secret;

    /// <summary>Counts the replicas of its run.</summary>
    public long Number => launch.Number;

    public SimulatedRun Run { get; }

    public SimulatedHost Host { get; }

    public TimeSpan StartedAt { get; }

    public bool Restores => launch.Restore;

    public bool IsLinked => link.Call is not null && IsAlive;

    /// <summary>For so long that the coordinator's messages since it connected, or since a cut, have arrived and are done: a group is
    /// aborted
    /// within 0.8 s.</summary>
    public bool IsReached =>
        IsLinked && new[] { link.OpenSince, Host.UpCutUntil, Host.DownCutUntil }.Max() < cluster.Time.Now - TimeSpan.FromSeconds(1.1);

    /// <summary>Null: none is open.</summary>
    public override SimulatedCall? Call => link.Call;

    /// <summary>A coordinator has asked it to leave, whether or not it has received that: the coordinator no longer counts on it.</summary>
    public bool IsLetGo { get; set; }

    /// <summary>The coordinator that has ordered its host to kill it; null: none has.</summary>
    public SimulatedCoordinator? KillOrderedBy { get; set; }

    /// <summary>It holds a state, and a coordinator that counts on it must wait until it has reconnected.</summary>
    public bool IsAwaitedBy(SimulatedCoordinator coordinator) =>
        Works && State is not null && !IsLetGo && KillOrderedBy is null && !Host.IsDrained
        && link.IsAwaitedBy(coordinator) && coordinator.Table.Knows(Id);

    /// <inheritdoc cref="SimulatedLink.WasAdmitted"/>
    public bool WasAdmitted => link.WasAdmitted;

    public int Attempt { get; private set; }

    /// <summary>It has read its state from a checkpoint, and no group has taken that over yet.</summary>
    public bool IsFresh { get; private set; }

    /// <summary>Null: none.</summary>
    public SimulatedState? State { get; private set; }

    public long Applied => State?.Step ?? -1;

    /// <summary>In its generation.</summary>
    public int Rank { get; private set; }

    /// <summary>That it works in; null: it waits for one.</summary>
    public SimulatedGroup? Group { get; private set; }

    /// <summary>Received in its generation.</summary>
    public SimulatedOrders Orders { get; private set; }

    /// <summary>It computes as fast as most, or some times slower.</summary>
    public void ChangePace() => pace = 0.01 * (cluster.HasStragglers && cluster.Pick(3) == 0 ? 2 + cluster.Pick(4) : 1);

    public void Die(int code)
    {
        if (!Ends())
            return;
        cluster.Trace($"{Id} dies with {code}, at step {Applied}");
        Call?.Leave();
        Host.Exited(this, code);
        Group?.Break();
    }

    /// <summary>Its connection breaks; it connects again.</summary>
    public void Cut()
    {
        if (Call is not { } broken || !IsAlive)
            return;
        cluster.Trace($"{Id} loses its link");
        broken.Break();
    }

    public void Apply(SimulatedGroup group, SimulatedState applied)
    {
        if (Group == group && Misses(() => Apply(group, applied)) || !Works || Group != group)
            return;
        State = last = applied;
        if (Rank == 0)
            Record(SimulatedRun.RecordOf(applied, group.Number));
        link.Send(Progress(StepPhase.Optimizer, busy: pace * (0.9 + cluster.Pick(20) / 100.0) * Orders.SharesOf(applied.Step)!.Rows[Rank]));
    }

    /// <summary>The state came from another, or was its own. Rank 0 writes the last step down, in case that its predecessor did
    /// not.</summary>
    public void TakeState(int attempt, SimulatedState state)
    {
        (Attempt, State, IsFresh) = (attempt, state, false);
        if (Rank != 0)
            return;
        Record(SimulatedRun.BeginningOf(attempt, Group!.Number));
        if (ReferenceEquals(last, state))
            Record(SimulatedRun.RecordOf(state, Group!.Number));
    }

    /// <param name="unreached">Ranks that nothing leads to.</param>
    public void Fail(SimulatedGroup group, params IReadOnlyList<int> unreached) =>
        Fail(group, new Failure { Kind = FailureKind.Collective, Errors = { "closed" }, UnreachedRanks = { unreached } });

    /// <summary>Something that it was given cannot be used.</summary>
    public void Refuse(SimulatedGroup group, string error) => Fail(group, new Failure { Kind = FailureKind.BadInput, Errors = { error } });

    public void End(SimulatedGroup group, bool finished)
    {
        if (Group == group && Misses(() => End(group, finished)) || !Works || Group != group)
            return;
        Group = null;
        link.Send(new ConnectRequest { Ended = new Ended { Generation = group.Number, AppliedStep = Applied, Finished = finished } });
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
        {
            if (Run.Restore(this, launch.Generation) is not var (attempt, state))
            {
                Die(ExitCodes.BadInput);
                return;
            }
            (Attempt, State, IsFresh) = (attempt, state, true);
        }
        link.Connect();
        cluster.Time.After(heartbeatInterval, Heartbeat);
    }

    private void Fail(SimulatedGroup group, Failure failure)
    {
        if (Group == group && Misses(() => Fail(group, failure)) || !Works || Group != group)
            return;
        Group = null;
        (failure.Generation, failure.AppliedStep) = (group.Number, Applied);
        link.Send(new ConnectRequest { Failure = failure });
    }

    protected override void GoesOn() => cluster.Time.After(heartbeatInterval, Heartbeat);

    private void Heartbeat()
    {
        if (!IsAlive || IsFrozen)
            return;
        link.Send(Progress(IsStuck ? StepPhase.Forward : StepPhase.Reduce));
        cluster.Time.After(heartbeatInterval, Heartbeat);
    }

    private ConnectRequest Progress(StepPhase phase, double busy = 0) =>
        new()
        {
            Progress = new Progress
            {
                Generation = Group?.Number ?? 0,
                Step = Applied + 1,
                Phase = phase,
                AppliedStep = Applied,
                BusySeconds = busy,
            },
        };

    private void Record(RunRecord record) =>
        link.Send(new ConnectRequest { Record = new NumberedRecord { Generation = Group!.Number, Record = record } });

    private void OnMessage(ConnectResponse message)
    {
        switch (message.MessageCase)
        {
            case ConnectResponse.MessageOneofCase.StartGeneration:
                Group?.Fail(this);
                var begins = message.StartGeneration;
                (Rank, Orders, Group) = (begins.Rank, new SimulatedOrders(cluster, Id, begins.StartStep), Run.GroupOf(begins));
                Group.Join(this);
                break;
            case ConnectResponse.MessageOneofCase.Assignment when message.Assignment.Generation == Group?.Number:
                Orders.CheckFollows(message.Assignment);
                Run.ShareChecks.CheckSpans(this, message.Assignment);
                if (!Orders.Take(message.Assignment))
                    Group.Fail(this);
                break;
            case ConnectResponse.MessageOneofCase.Command when message.Command.Generation == Group?.Number:
                Orders.Take(message.Command);
                break;
            case ConnectResponse.MessageOneofCase.EndGeneration when message.EndGeneration.Generation == Group?.Number:
                Group.Fail(this);
                break;
            case ConnectResponse.MessageOneofCase.Leave:
                cluster.Soon(() => Die(0));
                break;
        }
    }
}
