using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Replica.V1;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>The line of states that a run goes along: each generation goes on from what all of the one before have applied.</summary>
internal sealed class SimulatedLine(SimulatedCluster cluster, SimulatedRun run)
{
    private readonly List<SimulatedState> lost = []; // accepted before, and gone with all who held it; a checkpoint of it may be left
    private StartGeneration announced = new();
    private long abandoned; // the newest generation at the last roll back

    /// <summary>What the newest generation began with, and all its members have applied since.</summary>
    public SimulatedState Accepted { get; private set; } = SimulatedState.Initial;

    /// <summary>What is read from a checkpoint was on the line.</summary>
    public void CheckRead(SimulatedState state) =>
        cluster.Check(LiesOnTheLine(state), $"the checkpoint of {state} does not lie on the line of {Accepted}");

    /// <summary>The run is rolled back: what follows comes from this state, and no later one that was abandoned is read any more.</summary>
    public void RollBack(SimulatedState to)
    {
        lost.Clear();
        (Accepted, abandoned) = (to, announced.Generation);
    }

    /// <summary>
    /// At the moment at which a coordinator orders a replica that is to read a checkpoint: no replica that it can reach may hold a
    /// later state. Where the store was unavailable in between, that was decided earlier.
    /// </summary>
    public void CheckLaunched(LaunchReplica ordered, SimulatedCoordinator coordinator)
    {
        if (
            !ordered.Restore
            || coordinator != cluster.Coordinator
            || coordinator.Time.IsStopped
            || cluster.Coordinators.StoreUnavailableUntil > cluster.Time.Now - TimeSpan.FromSeconds(1)
        )
            return;
        var holder = cluster.Replicas.Find(other =>
            other.Run == run
            && other.Attempt > 0
            && other is { State: not null, Works: true, IsReached: true, IsLetGo: false, IsFresh: false }
            && other.Call!.Coordinator == coordinator
            && coordinator.Table.Knows(other.Id)
        );
        cluster.Check(holder is null, $"{ordered.ReplicaId} is to read a checkpoint, but {holder?.Id} holds {holder?.State}");
    }

    /// <summary>At the moment at which a coordinator announces a generation to a member.</summary>
    public void CheckAnnounced(SimulatedReplica member, StartGeneration next, SimulatedCoordinator coordinator)
    {
        cluster.Trace($"{run.RunId}, term {coordinator.Term}: {next} for {member.Id}, which holds {member.State}");
        bool isNew = next.Generation != announced.Generation;
        cluster.Check(
            coordinator.Term == cluster.Coordinators.Term,
            $"the coordinator of term {coordinator.Term} announces generation {next.Generation}, though that of term "
                + $"{cluster.Coordinators.Term} leads"
        );
        cluster.Check(
            next.Generation >= announced.Generation, // one that was sent only to dead replicas is not seen here
            $"generation {next.Generation} follows {announced.Generation}"
        );
        cluster.Check(
            isNew || (next.StartStep, next.World) == (announced.StartStep, announced.World),
            $"the members of generation {next.Generation} receive different messages"
        );
        cluster.Check(
            next.SourceRank == 0 && member.Applied <= next.StartStep && (next.Rank != 0 || member.Applied == next.StartStep),
            $"generation {next.Generation} starts at step {next.StartStep}, but {member.Id} of rank {next.Rank} holds {member.Applied}"
        );
        cluster.Check(
            member.Group is null || !member.Works,
            $"{member.Id} receives generation {next.Generation} while it computes in {member.Group?.Number}"
        );
        if (isNew)
        {
            var awaited = cluster.Replicas.Find(other => other.Run == run && other.IsAwaitedBy(coordinator));
            cluster.Check(
                awaited is null || !cluster.Coordinators.IsUndisturbed(coordinator),
                $"generation {next.Generation} does not wait for {awaited?.Id}, which holds {awaited?.State}");
            cluster.Check(cluster.IsKept(run.RunId, next), $"generation {next.Generation} is announced, but not kept");
            run.Reasons.Add(next.Reason);
        }
        if (next.Rank == 0)
            Accept(member);
        announced = next;
    }

    /// <summary>
    /// A generation goes on with what its source holds: that has come from all that was accepted before. Where all who held
    /// that are gone, it goes on with what is left: a checkpoint, or what one holds that was to leave.
    /// </summary>
    private void Accept(SimulatedReplica source)
    {
        var state = source.State!;
        bool isLeft =
            LiesOnTheLine(state)
            && (
                source.IsFresh
                || !cluster.Replicas.Exists(other => other.Run == run && other.Works && other.State?.Contains(Accepted) == true)
            );
        cluster.Check(isLeft || state.Contains(Accepted), $"{source.Id} goes on with {state}, which has not come from {Accepted}");
        if (!state.Contains(Accepted))
            lost.Add(Accepted);
        Accepted = state;
    }

    private bool LiesOnTheLine(SimulatedState state) => lost.Append(Accepted).Any(line => line.Contains(state));

    /// <summary>All members of a group have applied a step.</summary>
    public void Committed(SimulatedGroup group, SimulatedState state)
    {
        if (!IsNewest(group))
            return; // cut off from the coordinator; CheckRead sees to it that nothing of it is read
        cluster.Check(state.Before == Accepted || state == Accepted, $"{state} is committed after {Accepted}");
        Accepted = state;
    }

    /// <summary>
    /// At the moment at which a group computes: no later generation, and no roll back, may have begun while the coordinator hears all its
    /// members.
    /// </summary>
    public void CheckAlone(SimulatedGroup group, IReadOnlyList<SimulatedReplica> members) =>
        cluster.Check(
            IsNewest(group)
                || !members.All(member => member.IsReached)
                || members.Any(member => member.Call!.IsOver || member.Call.Coordinator != cluster.Coordinator),
            $"generation {group.Number} computes, though {announced.Generation} has begun, or the run was rolled back"
        );

    private bool IsNewest(SimulatedGroup group) => group.Number == announced.Generation && group.Number > abandoned;
}
