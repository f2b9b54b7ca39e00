using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.Store;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClipDistributed.Coordinator.Tests.Simulated;

/// <summary>A run, and what must hold for it, whoever leads it.</summary>
internal sealed class SimulatedRun(SimulatedCluster cluster, RunRow begins, RunWork work)
{
    private readonly Dictionary<long, SimulatedGroup> groups = [];
    private readonly Dictionary<long, int> done = []; // how often each step was computed
    private RunLoop? loop;
    private Generation announced = new();
    private bool isStopping;

    public string RunId => begins.RunId;

    public long Steps => begins.Steps;

    /// <summary>The step of the newest checkpoint.</summary>
    public long Saved { get; private set; }

    public bool MayStop => isStopping;

    /// <summary>Steps that were computed more than once.</summary>
    public IEnumerable<long> Redone => done.Where(step => step.Value > 1).Select(step => step.Key);

    /// <summary>The last step that was computed.</summary>
    public long Done => done.Count == 0 ? 0 : done.Keys.Max();

    /// <summary>Why its generations began, in their order.</summary>
    public List<string> Reasons { get; } = [];

    /// <summary>Of the coordinator that leads it, or did last.</summary>
    public RunJournal Journal { get; private set; } = null!;

    /// <summary>Of the loop that leads it, or did last.</summary>
    public Task Ending { get; private set; } = Task.CompletedTask;

    /// <summary>The run has ended, and not only the coordinator that led it.</summary>
    public bool HasEnded => Ending.IsCompleted && RunJournal.IsEnd(Journal.Row.Phase);

    public static Struct RecordOf(long step) =>
        new() { Fields = { ["kind"] = Value.ForString("step"), ["step"] = Value.ForNumber(step), ["loss"] = Value.ForNumber(1), ["seconds"] = Value.ForNumber(0.02) } };

    public void Lead(SimulatedCoordinator coordinator, RunRow row, RunHistory history, long records)
    {
        Journal = new RunJournal(coordinator.Store, row, coordinator.Time, NullLogger.Instance, records);
        if (Journal.HasEnded)
            return;
        loop = new RunLoop(Journal, work, coordinator.Around, history);
        Ending = loop.RunAsync(coordinator.Over);
    }

    /// <summary>As a coordinator does that starts.</summary>
    public async Task TakeOverAsync(SimulatedCoordinator coordinator)
    {
        var row = (await coordinator.Store.LoadAsync()).Runs.Single(run => run.RunId == RunId);
        Lead(coordinator, row, await coordinator.Store.HistoryAsync(row), await coordinator.Store.LastRecordAsync(RunId));
        if (isStopping && row.Wish == Contracts.Run.V1.RunPhase.Unspecified)
            Stop(); // who asked was not answered, and asks again
    }

    public void Stop()
    {
        isStopping = true;
        cluster.Trace($"{RunId} is to stop");
        cluster.ToCoordinator(() => loop!.Post(new RunInput.Stop(new TaskCompletionSource())));
    }

    public void Did(long step) => done[step] = done.GetValueOrDefault(step) + 1;

    public void Save(long step) => Saved = Math.Max(Saved, step);

    public SimulatedGroup GroupOf(Generation generation)
    {
        if (!groups.TryGetValue(generation.Generation_, out var group))
            groups[generation.Generation_] = group = new SimulatedGroup(cluster, this, generation);
        return group;
    }

    public void BreakMeetings()
    {
        foreach (var group in groups.Values)
            group.BreakMeeting();
    }

    /// <summary>At the moment at which the coordinator announces a generation to a member.</summary>
    public void CheckAnnounced(SimulatedReplica member, Generation next)
    {
        cluster.Trace($"{RunId}: {next} for {member.Id}, which holds step {member.Applied}");
        bool isNew = next.Generation_ != announced.Generation_;
        cluster.Check(next.Generation_ >= announced.Generation_, // one that was told only to the dead is not seen here
            $"generation {next.Generation_} follows {announced.Generation_}");
        cluster.Check(isNew || (next.StartStep, next.World) == (announced.StartStep, announced.World), $"the members of generation {next.Generation_} are told different things");
        cluster.Check(next.SourceRank == 0 && member.Applied <= next.StartStep && (next.Rank != 0 || member.Applied == next.StartStep),
            $"generation {next.Generation_} starts at step {next.StartStep}, but {member.Id} of rank {next.Rank} holds {member.Applied}");
        cluster.Check(member.Group is null || !member.Works, $"{member.Id} is told of generation {next.Generation_} while it works in {member.Group?.Number}");
        if (isNew)
            Reasons.Add(next.Reason);
        announced = next;
    }

    /// <summary>At the moment at which a group computes: no later one may have begun while the coordinator hears all its members.</summary>
    public void CheckAlone(SimulatedGroup group, IEnumerable<SimulatedReplica> members) =>
        cluster.Check(group.Number == announced.Generation_ || !members.All(member => member.IsLinked),
            $"generation {group.Number} computes, though {announced.Generation_} has begun");
}
