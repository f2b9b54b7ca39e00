using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Streams;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using ConnectRequest = ClipDistributed.Contracts.Replica.V1.ConnectRequest;
using ConnectResponse = ClipDistributed.Contracts.Replica.V1.ConnectResponse;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>A replica without tensors that keeps to the protocol, with the real state of its link.</summary>
internal sealed class SimulatedReplica
{
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(1);

    private readonly SimulatedCluster cluster;
    private readonly LaunchReplica launch;
    private readonly SimulatedLink link;
    private readonly List<CommandKind> commands = [];
    private readonly List<Assignment> assignments = []; // of its generation
    private readonly List<(long First, long Last)> ahead = []; // steps of its generation that were not assigned
    private readonly TimeSpan heartbeatInterval; // its clock's second
    private readonly List<Action> missed = []; // while it stood still
    private SimulatedState? last; // that it has computed itself
    private double pace; // seconds that a row takes it

    public SimulatedReplica(SimulatedCluster cluster, SimulatedHost host, LaunchReplica launch)
    {
        (this.cluster, Host, this.launch) = (cluster, host, launch);
        heartbeatInterval = HeartbeatInterval * (0.95 + cluster.Pick(100) / 1000.0);
        ChangePace();
        Run = cluster.RunOf(launch.RunId);
        StartedAt = cluster.Time.Now;
        link = new SimulatedLink(cluster, this, OnMessage);
        cluster.Replicas.Add(this);
        cluster.Trace($"{Id} starts on {host.Name}{(launch.Restore ? " and restores" : "")}");
        cluster.Time.After(cluster.Between(200, 2000), Begin);
    }

    public string Id => launch.ReplicaId;

    /// <summary>That it was started with.</summary>
    public ByteString Secret => launch.Secret;

    /// <summary>Counts the replicas of its run.</summary>
    public long Number => launch.Number;

    public SimulatedRun Run { get; }

    public SimulatedHost Host { get; }

    public TimeSpan StartedAt { get; }

    public bool Restores => launch.Restore;

    public bool IsAlive { get; private set; } = true;

    /// <summary>It neither computes nor sends nor receives.</summary>
    public bool IsFrozen { get; private set; }

    /// <summary>It makes no progress, though it sends heartbeats; it does not receive either.</summary>
    public bool IsStuck { get; private set; }

    public bool IsLinked => link.Call is not null && IsAlive;

    /// <summary>For so long that the coordinator's messages since it connected, or since a cut, have arrived and are done: a group is
    /// aborted
    /// within 0.8 s.</summary>
    public bool IsReached =>
        IsLinked && new[] { link.OpenSince, Host.UpCutUntil, Host.DownCutUntil }.Max() < cluster.Time.Now - TimeSpan.FromSeconds(1.1);

    /// <summary>Null: none is open.</summary>
    public SimulatedCall? Call => link.Call;

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

    /// <summary>The last step of its generation that it knows its share of.</summary>
    public long Assigned { get; private set; }

    /// <summary>Given in its generation.</summary>
    public IReadOnlyList<CommandKind> Commands => commands;

    public bool Works => IsAlive && !IsFrozen && !IsStuck;

    /// <summary>It computes as fast as most, or some times slower.</summary>
    public void ChangePace() => pace = 0.01 * (cluster.HasStragglers && cluster.Pick(3) == 0 ? 2 + cluster.Pick(4) : 1);

    public void Die(int code)
    {
        if (!IsAlive)
            return;
        IsAlive = false;
        cluster.Trace($"{Id} dies with {code}, at step {Applied}");
        Call?.Leave();
        Host.Exited(this, code);
        Group?.Break();
    }

    public void Freeze()
    {
        cluster.Trace($"{Id} stands still");
        IsFrozen = true;
        Call?.AwaitPings(() => true);
    }

    /// <summary>It goes on after it stood still, and finds its connection broken.</summary>
    public void Thaw()
    {
        if (!IsAlive || !IsFrozen)
            return;
        cluster.Trace($"{Id} goes on");
        IsFrozen = false;
        Call?.Leave();
        missed.ForEach(happens => happens());
        missed.Clear();
        cluster.Time.After(heartbeatInterval, Heartbeat);
    }

    public void Stick()
    {
        cluster.Trace($"{Id} hangs");
        IsStuck = true;
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
        link.Send(Progress(StepPhase.Optimizer, busy: pace * (0.9 + cluster.Pick(20) / 100.0) * SharesOf(applied.Step)!.Rows[Rank]));
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

    /// <summary>The shares of a step of its generation; null: it does not know them yet.</summary>
    public Shares? SharesOf(long step) =>
        step <= Assigned && assignments.Count > 0
            ? new Shares([
                .. (assignments.Find(assignment => step <= assignment.LastStep) ?? assignments[^1]).Shares.Select(rows => (int)rows),
            ])
            : null;

    /// <summary>Nothing was assigned for a while: the last shares hold on for some steps.</summary>
    public void RunAhead(long step)
    {
        if (assignments.Count == 0 || step <= Assigned)
            return;
        ahead.Add((Assigned + 1, step + 31));
        assignments.Add(new Assignment { FirstStep = Assigned + 1, LastStep = step + 31, Shares = { assignments[^1].Shares } });
        Assigned = step + 31;
    }

    /// <summary>It ran ahead of its assignment there.</summary>
    public bool RanAhead(long step) => ahead.Any(steps => steps.First <= step && step <= steps.Last);

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

    /// <summary>A process that stands still does later what happens to it meanwhile.</summary>
    private bool Misses(Action happens)
    {
        if (IsFrozen && IsAlive)
            missed.Add(happens);
        return IsFrozen;
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

    /// <summary>What was said of a step never changes; a change of what it has taken itself ends the generation.</summary>
    private void Take(Assignment assigned)
    {
        bool isOther = assignments.Any(known =>
            known.FirstStep <= assigned.LastStep && assigned.FirstStep <= known.LastStep && !known.Shares.SequenceEqual(assigned.Shares)
        );
        cluster.Check(
            !isOther || ahead.Any(steps => steps.First <= assigned.LastStep && assigned.FirstStep <= steps.Last),
            $"{Id} is assigned {assigned}, and was assigned otherwise before"
        );
        if (isOther)
        {
            Group!.Fail(this);
        }
        else if (assigned.LastStep > Assigned)
        {
            assignments.Add(assigned);
            Assigned = assigned.LastStep;
        }
    }

    private void OnMessage(ConnectResponse message)
    {
        switch (message.MessageCase)
        {
            case ConnectResponse.MessageOneofCase.StartGeneration:
                Group?.Fail(this);
                var begins = message.StartGeneration;
                (Rank, Assigned, Group) = (begins.Rank, begins.StartStep, Run.GroupOf(begins));
                commands.Clear();
                assignments.Clear();
                ahead.Clear();
                Group.Join(this);
                break;
            case ConnectResponse.MessageOneofCase.Assignment when message.Assignment.Generation == Group?.Number:
                cluster.Check(message.Assignment.FirstStep <= Assigned + 1, $"{Id} is assigned {message.Assignment} after step {Assigned}");
                Run.CheckSpans(this, message.Assignment);
                Take(message.Assignment);
                break;
            case ConnectResponse.MessageOneofCase.Command when message.Command.Generation == Group?.Number:
                commands.Add(message.Command.Kind);
                cluster.Check(message.Command.Number == commands.Count, $"{Id} is given {message.Command} as number {commands.Count}");
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
