using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Assignments;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Data.Streams;
using Generation = ClipDistributed.Coordinator.Generations.Generation;

namespace ClipDistributed.Coordinator.Tests.Generations;

/// <summary>Members of which nothing is heard.</summary>
public sealed class SilentMembersTests : GenerationOfTwo
{
    [Fact]
    public void Find_NoHeartbeatForTheLease_IsLost()
    {
        Train(4, stepSeconds: 1);
        a.OnProgress(At(5, StepPhase.Reduce, 4), Seconds(6.9));
        Assert.Empty(Find(6.9));
        Assert.Equal([(b, "sent no heartbeat for 3.0 s")], Find(7));
    }

    [Fact]
    public void Find_StepsAdvance_SilenceIsNotPunished()
    {
        Train(4, stepSeconds: 1);
        a.OnProgress(At(5, StepPhase.Optimizer, 5), Seconds(20));
        b.OnProgress(At(5, StepPhase.Optimizer, 5), Seconds(17));
        generation.Advance(Seconds(20));
        Assert.Empty(Find(22.9)); // b has been silent for longer than its lease, but a step was applied by both since
    }

    [Fact]
    public void Find_WhoHasReported_IsNotWaitedFor()
    {
        Train(4, stepSeconds: 1);
        b.OnFailure(new Failure { Kind = FailureKind.Collective, AppliedStep = 4 });
        a.OnMessage(Seconds(9));
        Assert.Empty(Find(9));
    }

    [Fact]
    public void Find_LinkBrokenWhileStepsAdvance_IsNoLoss()
    {
        Train(4, stepSeconds: 1);
        b.OnLinkLost(Seconds(4));
        a.OnProgress(At(9, StepPhase.Optimizer, 9), Seconds(20)); // no step is applied without b
        generation.Advance(Seconds(20));
        Assert.Empty(Find(22.9));
        a.OnMessage(Seconds(23));
        Assert.Equal([(b, "lost its connection and sent no heartbeat for 19.0 s")], Find(23));
    }

    [Fact]
    public void Find_LinkHostAndGroupBroken_IsLostAfterAMoment()
    {
        Train(4, stepSeconds: 1);
        b.OnLinkLost(Seconds(4));
        b.OnHostLost();
        Assert.Empty(Find(6)); // its group still holds
        a.OnFailure(new Failure { Kind = FailureKind.Collective, AppliedStep = 4 });
        Assert.Empty(Find(4.9)); // it may be on its way back
        Assert.Equal([(b, "was lost together with its host")], Find(5));
        b.OnHostReturned();
        Assert.Empty(Find(5));
    }

    [Fact]
    public void Find_AfterAStall_LeasesAreRenewed()
    {
        Train(4, stepSeconds: 1);
        foreach (var member in generation.Members)
            member.RenewLease(Seconds(64));
        generation.Renew(Seconds(64));
        a.OnMessage(Seconds(66));
        Assert.Empty(Find(66.9));
        Assert.Equal(b, Assert.Single(Find(67)).Member);
    }

    [Fact]
    public void Find_TakenOver_LeasesRunFromTheEndOfTheGrace()
    {
        foreach (var member in generation.Members)
            member.AwaitReturn(Seconds(10));
        generation.Renew(Seconds(10));
        a.OnMessage(Seconds(12));
        Assert.Empty(Find(12.9));
        Assert.Equal(b, Assert.Single(Find(13)).Member);
    }

    /// <summary>The coordinator's own network may have failed: with all of them the state would be lost.</summary>
    [Fact]
    public void Find_AllAreSilent_HaveLonger()
    {
        Train(4, stepSeconds: 1);
        Assert.Empty(Find(33.9));
        Assert.Equal(2, Find(7, receivesFromOthers: true).Count); // then it is theirs
        Assert.Equal([(a, "sent no heartbeat for 30.0 s"), (b, "sent no heartbeat for 30.0 s")], Find(34));
        a.OnFailure(new Failure { Kind = FailureKind.Collective, AppliedStep = 4 });
        Assert.Equal(b, Assert.Single(Find(7)).Member); // the other one holds the state
    }
}
