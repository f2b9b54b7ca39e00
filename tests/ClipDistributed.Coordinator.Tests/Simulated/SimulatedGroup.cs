using ClipDistributed.Contracts.Replica.V1;

namespace ClipDistributed.Coordinator.Tests.Simulated;

/// <summary>The members of a generation as they find each other: a step is applied when all of them take part in it.</summary>
internal sealed class SimulatedGroup(SimulatedCluster cluster, SimulatedRun run, Generation begins)
{
    private readonly List<SimulatedReplica> members = [];
    private bool isBroken;
    private bool hasBegun;
    private TimeSpan waitsSince; // for assignments
    private long step = begins.StartStep;

    public long Number => begins.Generation_;

    public void Join(SimulatedReplica member)
    {
        members.Add(member);
        isBroken |= cluster.FindsNobody(this);
        if (isBroken)
            Fail(member);
        else if (members.Count == begins.World)
            cluster.Soon(Begin);
    }

    /// <summary>A member is gone: the others' collective operations fail.</summary>
    public void Break()
    {
        if (isBroken)
            return;
        isBroken = true;
        foreach (var member in members)
            Fail(member);
    }

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

    private void Begin()
    {
        if (!AllWork())
            return;
        hasBegun = true;
        foreach (var member in members)
            member.TakeState(begins.StartStep);
        GoOn();
    }

    private void GoOn()
    {
        var inForce = members.Select(member => member.Commands).MinBy(held => held.Count)!.ToList();
        bool finished = step == run.Steps, stops = inForce.Contains(CommandKind.Stop);
        if (!finished && inForce.Count == 0)
        {
            cluster.Time.After(cluster.Between(20, 200), Step);
            return;
        }
        if (finished || stops)
            run.Save(step);
        foreach (var member in members)
            cluster.Soon(() => member.End(this, finished));
    }

    private void Step()
    {
        if (!AllWork())
            return;
        if (members.Any(member => member.Assigned <= step))
        {
            waitsSince = waitsSince == TimeSpan.Zero ? cluster.Time.Now : waitsSince;
            // Whoever knows its share goes on with it where nobody assigns steps.
            if (cluster.Time.Now - waitsSince > TimeSpan.FromMilliseconds(500))
            {
                foreach (var member in members.Where(member => member.Assigned > begins.StartStep))
                    member.GoOnAlone(step + 1);
            }
            cluster.Time.After(cluster.Between(10, 50), Step);
            return;
        }
        waitsSince = TimeSpan.Zero;
        run.CheckAlone(this, members);
        step++;
        run.Did(step);
        foreach (var member in members)
            cluster.Time.After(cluster.Between(0, 20), () => member.Apply(this, step));
        if (step % 10 == 0)
            cluster.Time.After(cluster.Between(20, 40), () => run.Save(step));
        cluster.Time.After(cluster.Between(21, 40), Applied);
    }

    private void Applied()
    {
        if (AllWork())
            GoOn();
    }

    /// <summary>One that is gone has broken the group; one that hangs keeps the others waiting.</summary>
    private bool AllWork() => !isBroken && members.All(member => member.Works && member.Group == this);
}
