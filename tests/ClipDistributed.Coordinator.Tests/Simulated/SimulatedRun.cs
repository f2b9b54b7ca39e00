using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Runs;

namespace ClipDistributed.Coordinator.Tests.Simulated;

/// <summary>A run, and what must hold for it.</summary>
internal sealed class SimulatedRun(SimulatedCluster cluster, RunJournal journal, RunLoop loop)
{
    private readonly Dictionary<long, SimulatedGroup> groups = [];
    private Generation announced = new();
    private bool isStopping;

    public string RunId => journal.Row.RunId;

    public long Steps => journal.Row.Steps;

    /// <summary>The step of the newest checkpoint.</summary>
    public long Saved { get; private set; }

    public bool MayStop => isStopping;

    /// <summary>Why its generations began, in their order.</summary>
    public List<string> Reasons { get; } = [];

    public RunJournal Journal => journal;

    public Task Ending { get; private set; } = Task.CompletedTask;

    public void Begin() => Ending = loop.RunAsync(CancellationToken.None);

    public void Stop()
    {
        isStopping = true;
        cluster.Trace($"{RunId} is to stop");
        loop.Post(new RunInput.Stop(new TaskCompletionSource()));
    }

    public void Save(long step) => Saved = Math.Max(Saved, step);

    public SimulatedGroup GroupOf(Generation begins)
    {
        if (!groups.TryGetValue(begins.Generation_, out var group))
            groups[begins.Generation_] = group = new SimulatedGroup(cluster, this, begins);
        return group;
    }

    /// <summary>At the moment at which the coordinator announces a generation to a member.</summary>
    public void CheckAnnounced(SimulatedReplica member, Generation begins)
    {
        cluster.Trace($"{RunId}: {begins} for {member.Id}, which holds step {member.Applied}");
        bool isNew = begins.Generation_ != announced.Generation_;
        cluster.Check(begins.Generation_ >= announced.Generation_, // one that was told only to the dead is not seen here
            $"generation {begins.Generation_} follows {announced.Generation_}");
        cluster.Check(isNew || (begins.StartStep, begins.World) == (announced.StartStep, announced.World), $"the members of generation {begins.Generation_} are told different things");
        cluster.Check(begins.SourceRank == 0 && member.Applied <= begins.StartStep && (begins.Rank != 0 || member.Applied == begins.StartStep),
            $"generation {begins.Generation_} starts at step {begins.StartStep}, but {member.Id} of rank {begins.Rank} holds {member.Applied}");
        cluster.Check(member.Group is null || !member.Works, $"{member.Id} is told of generation {begins.Generation_} while it works in {member.Group?.Number}");
        if (isNew)
            Reasons.Add(begins.Reason);
        announced = begins;
    }

    /// <summary>At the moment at which a group computes: no later one may have begun while the coordinator hears all its members.</summary>
    public void CheckAlone(SimulatedGroup group, IEnumerable<SimulatedReplica> members) =>
        cluster.Check(group.Number == announced.Generation_ || !members.All(member => member.IsLinked),
            $"generation {group.Number} computes, though {announced.Generation_} has begun");
}
