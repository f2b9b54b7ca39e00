using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>The members of a generation as they find each other: a step is applied when all of them take part in it.</summary>
internal sealed class SimulatedGroup(SimulatedCluster cluster, SimulatedRun run, StartGeneration begins)
{
    private readonly List<SimulatedReplica> members = []; // in the order in which they came
    private bool isBroken;
    private bool hasBegun;
    private TimeSpan waitsSince; // for assignments
    private int attempt;
    private SimulatedState state = SimulatedState.Initial;

    public long Number => begins.Generation;

    private SimulatedReplica Writer => members.Single(member => member.Rank == 0);

    public void Join(SimulatedReplica member)
    {
        members.Add(member);
        isBroken |= cluster.FindsNoMember(this);
        if (isBroken)
            Fail(member);
        else if (members.Count == begins.World)
            cluster.Soon(Reach);
    }

    /// <summary>Each asks all others before it joins, and says whom it does not reach.</summary>
    private void Reach()
    {
        if (!IsApart)
        {
            WhenAllWork(Begin);
            return;
        }
        foreach (var member in members)
        {
            cluster.Time.After(
                cluster.Between(2000, 2500),
                () =>
                {
                    var unreached = members
                        .Where(other => other.Host != member.Host && (other.Host.IsAlone || member.Host.IsAlone))
                        .Select(other => other.Rank)
                        .ToList();
                    if (unreached.Count > 0)
                        member.Fail(this, unreached);
                }
            );
        }
        cluster.Time.After(TimeSpan.FromSeconds(2.5), () => WhenAllWork(Begin)); // where it was over by then
    }

    /// <summary>A member is gone: the others' collective operations fail, as the network lets them notice.</summary>
    public void Break()
    {
        if (isBroken)
            return;
        isBroken = true;
        foreach (var member in members)
            Learn(member);
    }

    /// <summary>A member drops the group.</summary>
    public void Fail(SimulatedReplica member) => cluster.Time.After(cluster.Between(1, 800), () =>
    {
        member.Fail(this);
        Break();
    });

    /// <summary>The coordinator is gone, and with it what the members left there for each other.</summary>
    public void BreakMeeting()
    {
        if (!hasBegun)
            Break();
    }

    private void Learn(SimulatedReplica member) => cluster.Time.After(cluster.Between(1, 800), () =>
    {
        if (IsApart)
            Learn(member);
        else
            member.Fail(this);
    });

    private void Begin()
    {
        hasBegun = true;
        var source = members.Single(member => member.Rank == begins.SourceRank);
        if (!run.Checkpoints.Claim(Writer, Number))
        {
            Writer.Refuse(this, "the run directory is in use");
            Break();
            return;
        }
        (attempt, state) = (source.Attempt, source.State!);
        if (source.IsFresh)
            run.Checkpoints.Begin(attempt, state);
        foreach (var member in members)
        {
            // A member that is at that step already keeps its state.
            cluster.Check(
                member.Applied != state.Step || ReferenceEquals(member.State, state),
                $"{member.Id} takes part in generation {Number} with {member.State}, and its source with {state}"
            );
            member.TakeState(attempt, state);
        }
        GoOn();
    }

    private void GoOn()
    {
        var inForce = members.Select(member => member.Orders.Commands).MinBy(held => held.Count)!.ToList();
        bool finished = state.Step == run.Steps, stops = inForce.Contains(CommandKind.Stop);
        if (!finished && inForce.Count == 0)
        {
            cluster.Time.After(cluster.Between(20, 200), () => WhenAllWork(Step));
            return;
        }
        if (finished || stops)
            run.Checkpoints.Publish(Writer, attempt, state);
        foreach (var member in members)
            cluster.Soon(() => member.End(this, finished));
    }

    private void Step()
    {
        long step = state.Step + 1;
        var shares = members.Select(member => member.Orders.SharesOf(step)).ToList();
        if (shares.Contains(null))
        {
            waitsSince = waitsSince == TimeSpan.Zero ? cluster.Time.Now : waitsSince;
            // A member that knows its share runs ahead with it where no steps are assigned.
            if (cluster.Time.Now - waitsSince > TimeSpan.FromMilliseconds(500))
            {
                foreach (var member in members)
                    member.Orders.RunAhead(step);
            }
            cluster.Time.After(cluster.Between(10, 50), () => WhenAllWork(Step));
            return;
        }
        waitsSince = TimeSpan.Zero;
        run.Line.CheckAlone(this, members);
        run.CheckNotPaused(this, members);
        if (members.Any(member => member.Orders.RanAhead(step)) && shares.Any(cut => !cut!.Rows.SequenceEqual(shares[0]!.Rows)))
        {
            Break(); // their sizes do not fit together
            return;
        }
        run.ShareChecks.CheckRows(step, members.Select((member, place) => (member.Rank, shares[place]!)));
        if (!members.Any(member => member.Orders.RanAhead(step)))
            run.ShareChecks.CheckCut(this, step, shares[0]!);
        state = new SimulatedState(step, state, attempt, Number);
        run.Did(step);
        var applied = state;
        foreach (var member in members)
            cluster.Time.After(cluster.Between(0, 20), () => member.Apply(this, applied));
        cluster.Time.After(cluster.Between(21, 40), () => WhenAllWork(Applied));
    }

    /// <summary>All members have applied it. Before a checkpoint they compare their states, so that none is written before.</summary>
    private void Applied()
    {
        run.Line.Committed(this, state);
        if (state.Step % 10 == 0)
            Save(Writer, state);
        GoOn();
    }

    /// <summary>In the background: while its process lives, whatever becomes of the group.</summary>
    private void Save(SimulatedReplica writer, SimulatedState copy) => cluster.Time.After(cluster.Between(0, 40), () =>
    {
        if (writer is { IsAlive: true, IsFrozen: false })
            run.Checkpoints.Publish(writer, attempt, copy);
    });

    /// <summary>One that is gone has broken the group; one that hangs keeps the others waiting, and so does a network that is
    /// cut.</summary>
    private void WhenAllWork(Action act)
    {
        if (isBroken || members.Any(member => !member.Works || member.Group != this))
            return;
        if (IsApart)
            cluster.Time.After(cluster.Between(20, 100), () => WhenAllWork(act));
        else
            act();
    }

    /// <summary>Some of them are on a host that reaches no other one.</summary>
    private bool IsApart => members.Any(member => member.Host.IsAlone) && members.Any(member => member.Host != members[0].Host);
}
