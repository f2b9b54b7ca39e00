using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Assignments;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Data.Streams;
using Wire = ClipDistributed.Contracts.Replica.V1;

namespace ClipDistributed.Coordinator.Generations;

/// <summary>A fixed set of members in the order of their ranks, from its announcement on. Belongs to the run's loop.</summary>
/// <param name="Number">From 1 within the run.</param>
/// <param name="Members">The first one's state is what the others take over.</param>
/// <param name="StartStep">The applied step that it starts from.</param>
internal sealed record Generation(
    long Number, IReadOnlyList<Replica> Members, long StartStep, AssignmentPlan Assignments, TimeSpan StartedAt)
{
    private readonly HashSet<Replica> set = [.. Members];
    private readonly List<CommandKind> commands = [];

    /// <summary>It is one of the members. Called for each replica at each event, so it must take constant time.</summary>
    public bool Has(Replica member) => set.Contains(member);

    /// <summary>Ordered in this generation; the first one's number is 1.</summary>
    public IReadOnlyList<CommandKind> Commands => commands;

    /// <summary>The command to regroup was given.</summary>
    public bool IsRegrouping => commands.Contains(CommandKind.Regroup);

    /// <summary>Since when its members are to abort the group; null: they compute.</summary>
    public TimeSpan? BrokenAt { get; set; }

    /// <summary>Why it counts as stuck though no member hangs; null: it does not.</summary>
    public string? Stuck { get; set; }

    /// <summary>When a step was last applied by any member: all took part in it.</summary>
    public TimeSpan AdvancedAt { get; private set; } = StartedAt;

    private long advancedTo = StartStep;
    private readonly Queue<TimeSpan> stepTimes = [];

    /// <summary>The last step that all members applied; a member that still has to receive the state counts as if it had.</summary>
    public long Applied => Math.Max(StartStep, Members.Min(member => member.Applied));

    public CollectiveEngine Engine => Members switch
    {
        { Count: 1 } => CollectiveEngine.None,
        _ when Members[0].Device.Kind == Contracts.Host.V1.DeviceKind.Cuda => CollectiveEngine.Nccl,
        _ => CollectiveEngine.Gloo,
    };

    /// <summary>The median time of the last steps; null until there were three.</summary>
    public TimeSpan? MedianStep => stepTimes.Count < 3 ? null : stepTimes.Order().ElementAt(stepTimes.Count / 2);

    /// <summary>Takes note of progress.</summary>
    public void Advance(TimeSpan now)
    {
        long furthest = Members.Max(member => member.Applied);
        if (furthest <= advancedTo)
            return;
        // A coordinator that took the generation over does not know how long earlier steps took.
        if (now > AdvancedAt)
        {
            stepTimes.Enqueue((now - AdvancedAt) / (furthest - advancedTo));
            if (stepTimes.Count > 15)
                stepTimes.Dequeue();
            AdvancedAt = now;
        }
        advancedTo = furthest;
    }

    /// <summary>
    /// A member was not connected for a while, and may have run ahead of its assignment with its last shares: they do not change
    /// until the next generation.
    /// </summary>
    public bool MayRunAhead { get; private set; }

    /// <summary>This coordinator paused: steps that were applied meanwhile were not seen.</summary>
    public void Renew(TimeSpan now)
    {
        MayRunAhead = true;
        AdvancedAt = now > AdvancedAt ? now : AdvancedAt;
        BrokenAt = BrokenAt is null ? null : now;
    }

    /// <summary>The first step that no member was assigned yet.</summary>
    public long Unassigned => Math.Max(StartStep, Members.Max(member => member.Seat.Assigned)) + 1;

    /// <summary>Other shares from a step on; the members' speeds are measured anew from there.</summary>
    public void Reshare(long first, Shares shares)
    {
        Assignments.Change(first, shares);
        foreach (var member in Members)
            member.Seat.TimeFrom(first);
    }

    public void Order(CommandKind kind) => commands.Add(kind);

    /// <summary>A member has reconnected: takes over the commands that a former coordinator sent it.</summary>
    public void TakeOver(IEnumerable<Command> sent)
    {
        MayRunAhead = true;
        var missing = sent.Where(command => command.Number > commands.Count).OrderBy(command => command.Number).ToList();
        commands.AddRange(missing.Select(command => command.Kind));
    }

    /// <summary>Commands that members have not received yet.</summary>
    public IEnumerable<(Replica Member, Command Command)> DueCommands()
    {
        if (commands.Count == 0)
            yield break;
        foreach (var member in Members.Where(member => member.IsLinked))
        {
            for (int given = member.Seat.Commanded; given < commands.Count; given++)
                yield return (member, new Command { Generation = Number, Number = given + 1, Kind = commands[given] });
        }
    }

    /// <summary>Steps that members are to compute and have not been assigned yet.</summary>
    /// <param name="applied">See <see cref="Applied"/>.</param>
    public IEnumerable<(Replica Member, Assignment Assignment)> DueAssignments(long applied)
    {
        foreach (var member in Members.Where(member => member.IsLinked))
        {
            foreach (var assignment in Assignments.Due(member.Seat.Rank, Math.Max(member.Seat.Assigned, StartStep), applied))
                yield return (member, assignment);
        }
    }

    /// <summary>What each member receives when it begins: the same but for its rank.</summary>
    /// <param name="poisonRows">They crash the decoder.</param>
    public IEnumerable<(Replica Member, StartGeneration Message)> Announcements(string reason, IEnumerable<DatasetRow> poisonRows)
    {
        var toAll = new StartGeneration
        {
            Generation = Number,
            World = Members.Count,
            SourceRank = 0,
            StartStep = StartStep,
            Engine = Engine,
            Reason = reason,
            PoisonRows = { poisonRows },
            Addresses = { Members.Select(member => member.DataAddress) },
        };
        return Members.Select(member => (member, new StartGeneration(toAll) { Rank = member.Seat.Rank }));
    }

    /// <summary>The members as watchers see them.</summary>
    public IEnumerable<RunReplica> Described()
    {
        var shares = Assignments.At(Applied + 1);
        return Members.Select(member => Described(member, (uint)shares.Rows[member.Seat.Rank]));
    }

    private static RunReplica Described(Replica member, uint share)
    {
        var described = new RunReplica
        {
            ReplicaId = member.ReplicaId,
            Host = member.Device.Host,
            Device = member.Device.Name,
            Rank = member.Seat.Rank,
            Share = share,
            Step = member.Step,
            Phase = member.Phase,
            ResidentBytes = member.ResidentBytes,
            WaitSeconds = member.Seat.Progress.WaitSeconds,
            WaitedFor = { member.Seat.Progress.WaitedFor },
        };
        if (member.Seat.Busy is { } busy)
            described.BusySeconds = busy.Median;
        return described;
    }
}
