using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Assignments;
using Wire = ClipDistributed.Contracts.Replica.V1;

namespace ClipDistributed.Coordinator.Generations;

/// <summary>A fixed set of members in the order of their ranks, from its announcement on. Belongs to the run's loop.</summary>
/// <param name="Number">From 1 within the run.</param>
/// <param name="Members">The first one's state is what the others take over.</param>
/// <param name="StartStep">The applied step that it starts from.</param>
internal sealed record Generation(long Number, IReadOnlyList<Member> Members, long StartStep, AssignmentPlan Assignments, TimeSpan StartedAt)
{
    /// <summary>The number of the last command; 0: none.</summary>
    public long Commands { get; set; }

    /// <summary>The command to regroup was given.</summary>
    public bool IsRegrouping { get; set; }

    /// <summary>Since when its members were told to drop the group; null: they were not.</summary>
    public TimeSpan? BrokenAt { get; set; }

    /// <summary>When a step was last applied by all.</summary>
    public TimeSpan AdvancedAt { get; private set; } = StartedAt;

    private long advancedTo = StartStep;
    private readonly Queue<TimeSpan> stepTimes = [];

    /// <summary>The last step that all members applied; who is still to take over the state counts as if it had.</summary>
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
        if (Applied <= advancedTo)
            return;
        stepTimes.Enqueue((now - AdvancedAt) / (Applied - advancedTo));
        if (stepTimes.Count > 15)
            stepTimes.Dequeue();
        (advancedTo, AdvancedAt) = (Applied, now);
    }

    public void Tell(ConnectResponse message)
    {
        foreach (var member in Members)
            member.Link?.Send(message);
    }

    public Wire.Generation Announcement(Member to, long term, string reason) => new()
    {
        Term = term,
        Generation_ = Number,
        Rank = to.Rank,
        World = Members.Count,
        SourceRank = 0,
        StartStep = StartStep,
        Engine = Engine,
        Reason = reason,
    };

    /// <summary>The members as people and programs see them.</summary>
    public IEnumerable<RunReplica> Described() => Members.Select(member => new RunReplica
    {
        ReplicaId = member.ReplicaId,
        Host = member.Device.Host,
        Rank = member.Rank,
        Share = (uint)Assignments.Shares.Rows[member.Rank],
        Step = member.Step,
        Phase = member.Phase,
        ResidentBytes = member.ResidentBytes,
    });
}
