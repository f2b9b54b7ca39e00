using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>What holds for the shares of a run's steps.</summary>
internal sealed class ShareChecks(SimulatedCluster cluster, string runId, StreamOrder order)
{
    /// <summary>The shares of a try are cut alike by all, and take each slot of the global batch once.</summary>
    public void CheckRows(long step, IEnumerable<(int Rank, Shares Shares)> members)
    {
        int behind = 0;
        var held = members.OrderBy(member => member.Rank).ToList();
        foreach (var (rank, shares) in held)
        {
            var slots = shares.Of(rank);
            cluster.Check(
                slots.Start == behind && shares.Rows.SequenceEqual(held[0].Shares.Rows),
                $"rank {rank} computes {slots} of step {step} by the shares {shares}, and rank 0 goes by {held[0].Shares}"
            );
            behind = slots.End;
        }
        cluster.Check(behind == order.GlobalBatch, $"step {step} is computed with {behind} rows");
    }

    /// <summary>A step that was assigned is computed as the store says that it is cut: what begins with a later step changes nothing about
    /// it.</summary>
    public void CheckCut(SimulatedGroup group, long step, Shares shares)
    {
        string kept = cluster.Coordinators.Store.SharesOf(runId, group.Number, step);
        cluster.Check(
            kept == string.Join('\n', shares.Rows),
            $"generation {group.Number} computes step {step} by the shares {shares}, but it is cut into {kept}"
        );
    }

    /// <summary>At the moment at which a coordinator assigns steps to a member: how they are cut is durable.</summary>
    public void CheckKept(SimulatedReplica member, Assignment assigned, SimulatedCoordinator coordinator)
    {
        if (coordinator.Term != cluster.Coordinators.Term)
            return; // it has been followed; who has heard the other one does not obey
        foreach (long step in (long[])[assigned.FirstStep, assigned.LastStep])
        {
            string kept = cluster.Coordinators.Store.SharesOf(runId, assigned.Generation, step);
            cluster.Check(
                kept == string.Join('\n', assigned.Shares),
                $"{member.Id} is assigned {assigned}, but step {step} is cut into {kept}"
            );
        }
    }

    /// <summary>What a member is to read are the rows of its share.</summary>
    public void CheckSpans(SimulatedReplica member, Assignment assigned)
    {
        var shares = new Shares([.. assigned.Shares.Select(rows => (int)rows)]);
        var spans = assigned.Spans.Select(span => new ShardSpan(span.Shard, (long)span.FirstRow, (long)span.Rows));
        cluster.Check(
            spans.SequenceEqual(SpanPlan.Of(order, assigned.FirstStep, assigned.LastStep, shares.Of(member.Rank))),
            $"{member.Id} of rank {member.Rank} is assigned {assigned}"
        );
    }
}
