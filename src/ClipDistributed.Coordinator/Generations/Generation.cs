using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Assignments;
using Wire = ClipDistributed.Contracts.Replica.V1;

namespace ClipDistributed.Coordinator.Generations;

/// <summary>A fixed set of members, from their launch to the end of their processes. Belongs to the run's loop.</summary>
/// <param name="Number">From 1 within the run.</param>
/// <param name="LaunchedAt">Since the loop's start.</param>
internal sealed record Generation(long Number, IReadOnlyList<Member> Members, TimeSpan LaunchedAt)
{
    /// <summary>Null: not announced yet, its members are loading.</summary>
    public AssignmentPlan? Assignments { get; set; }

    /// <summary>Why it ends; null: it has not been ended.</summary>
    public GenerationOutcome.Over? Ending { get; set; }

    public TimeSpan EndedAt { get; set; }

    /// <summary>The members were told to drop the group.</summary>
    public bool IsBroken { get; set; }

    /// <summary>The members were told to end.</summary>
    public bool IsKilled { get; set; }

    /// <summary>The number of the last command; 0: none.</summary>
    public long Commands { get; set; }

    public bool AllReady => Members.All(member => member.Link is not null);

    /// <summary>The last step that all members applied.</summary>
    public long Applied => Members.Min(member => member.Applied);

    public Member? Find(string replicaId) => Members.FirstOrDefault(member => member.ReplicaId == replicaId);

    /// <summary>The member whose state the others take over.</summary>
    public Member Source => Members.OrderByDescending(member => member.Applied).ThenBy(member => member.Rank).First();

    public CollectiveEngine Engine => Members switch
    {
        { Count: 1 } => CollectiveEngine.None,
        _ when Members[0].Device.Kind == Contracts.Host.V1.DeviceKind.Cuda => CollectiveEngine.Nccl,
        _ => CollectiveEngine.Gloo,
    };

    public void Tell(ConnectResponse message)
    {
        foreach (var member in Members)
            member.Link?.Send(message);
    }

    public Wire.Generation Announcement(Member to, long term, Member source) => new()
    {
        Term = term,
        Generation_ = Number,
        Rank = to.Rank,
        World = Members.Count,
        SourceRank = source.Rank,
        StartStep = source.Applied,
        Engine = Engine,
    };

    /// <summary>The members as people and programs see them.</summary>
    public IEnumerable<RunReplica> Described() => Members.Select(member => new RunReplica
    {
        ReplicaId = member.ReplicaId,
        Host = member.Device.Host,
        Rank = member.Rank,
        Share = (uint)(Assignments?.Shares.Rows[member.Rank] ?? 0),
        Step = member.Step,
        Phase = member.Phase,
        ResidentBytes = member.ResidentBytes,
    });
}
