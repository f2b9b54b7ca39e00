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

/// <summary>Members that live and do not go on.</summary>
public sealed class HungMembersTests : GenerationOfTwo
{
    [Theory]
    [InlineData(StepPhase.Wait, 1, 1000, false)]
    [InlineData(StepPhase.Gather, 1, 1000, false)]
    [InlineData(StepPhase.Reduce, 1, 1000, false)]
    [InlineData(StepPhase.Forward, 1, 9.9, false)] // the least limit where five steps are quicker
    [InlineData(StepPhase.Forward, 1, 10, true)]
    [InlineData(StepPhase.Forward, 4, 19.9, false)] // five times the median where that is more
    [InlineData(StepPhase.Forward, 4, 20, true)]
    [InlineData(StepPhase.Backward, 1, 10, true)]
    [InlineData(StepPhase.Loss, 1, 1000, false)] // the loss is exchanged in it
    [InlineData(StepPhase.Checkpoint, 1, 3599, false)]
    [InlineData(StepPhase.Checkpoint, 1, 3600, true)]
    [InlineData(StepPhase.Evaluation, 1, 299.9, false)]
    [InlineData(StepPhase.Evaluation, 1, 300, true)]
    public void Find_StaysInAPhase_HangsBeyondItsLimit(StepPhase phase, double stepSeconds, double after, bool found)
    {
        double done = Train(4, stepSeconds);
        a.OnProgress(At(5, StepPhase.Reduce, 4), Seconds(done));
        b.OnProgress(At(5, phase, 4), Seconds(done));
        a.OnMessage(Seconds(done + after)); // both live
        b.OnMessage(Seconds(done + after));
        string[] expected = found ? [$"r2 hung in phase {phase.ToString().ToLowerInvariant()} for {after:0} s"] : [];
        Assert.Equal(expected, Find(done + after).Select(lost => $"{lost.Member.ReplicaId} {lost.Evidence}"));
    }

    [Fact]
    public void Find_FirstSteps_AreGivenTime()
    {
        a.OnMessage(Seconds(299));
        b.OnMessage(Seconds(299));
        Assert.Empty(Find(299));
    }

    /// <summary>A disk that all read from may stand still.</summary>
    [Fact]
    public void Find_AllHang_AreGivenLonger()
    {
        Train(4, stepSeconds: 1);
        foreach (var member in generation.Members)
        {
            member.OnProgress(At(5, StepPhase.Data, 4), Seconds(4));
            member.OnMessage(Seconds(64));
        }
        Assert.Empty(Find(63.9));
        Assert.Equal(2, Find(64).Count);
    }

    /// <summary>A member that waits when its generation breaks is woken by that: its limit runs from then on. One that computes leaves it
    /// behind
    /// the micro-batch, which began before.</summary>
    [Theory]
    [InlineData(StepPhase.Loss, 35)]
    [InlineData(StepPhase.Forward, 20)]
    public void Find_Broken_LimitRunsFromThereForWhoWaited(StepPhase phase, double after)
    {
        double done = Train(4, stepSeconds: 4);
        a.OnFailure(new Failure { Kind = FailureKind.Collective, AppliedStep = 4 });
        b.OnProgress(At(5, phase, 4), Seconds(done));
        generation.BrokenAt = Seconds(done + 15);
        b.OnMessage(Seconds(done + 35));
        Assert.Empty(Find(done + after - 0.1));
        Assert.Equal([(b, $"hung in phase {phase.ToString().ToLowerInvariant()} for 20 s")], Find(done + after));
    }

    [Fact]
    public void FindLate_WhoWaitedAndDoesNotSayWhereItStands_IsLost()
    {
        double done = Train(4, stepSeconds: 1);
        a.OnFailure(new Failure { Kind = FailureKind.Collective, AppliedStep = 4 });
        b.OnProgress(At(5, StepPhase.Reduce, 4), Seconds(done));
        Assert.Empty(Late(done + 2.9));
        Assert.Equal([b], Late(done + 3));
        b.OnProgress(At(5, StepPhase.Forward, 4), Seconds(done)); // it hears of it behind its micro-batch
        Assert.Empty(Late(done + 60));

        IReadOnlyList<Replica> Late(double now) => FailureDetector.FindLate(generation, Seconds(now), Seconds(done), Seconds(3));
    }

    /// <summary>With the last one the state goes.</summary>
    [Fact]
    public void FindLate_NoOtherIsLeft_HasLonger()
    {
        double done = Train(4, stepSeconds: 1);
        a.Lose("was ended", LossCause.Exited);
        b.OnProgress(At(5, StepPhase.Reduce, 4), Seconds(done));
        Assert.Empty(FailureDetector.FindLate(generation, Seconds(done + 29.9), Seconds(done), Seconds(3)));
        Assert.Equal([b], FailureDetector.FindLate(generation, Seconds(done + 30), Seconds(done), Seconds(3)));
    }

    [Theory]
    [InlineData(1, 9.9, false)] // the least limit where five steps are quicker
    [InlineData(1, 10, true)]
    [InlineData(4, 19.9, false)] // five times the median where that is more
    [InlineData(4, 20, true)]
    public void FindStuck_AllWaitForEachOther_BeyondTheLimit(double stepSeconds, double after, bool found)
    {
        double done = Train(4, stepSeconds);
        a.OnProgress(At(5, StepPhase.Reduce, 4), Seconds(done));
        b.OnProgress(At(5, StepPhase.Gather, 4), Seconds(done));
        a.OnMessage(Seconds(done + after)); // both live
        b.OnMessage(Seconds(done + after));
        Assert.Empty(Find(done + after));
        Assert.Equal(
            found ? $"all 2 replicas waited for each other for {after:0} s at step 5" : null,
            FailureDetector.FindStuck(generation, Seconds(done + after), Least)
        );
    }

    [Fact]
    public void FindStuck_OneComputesOrHasReportedOrIsUnlinked_IsNot()
    {
        double done = Train(4, stepSeconds: 1);
        a.OnProgress(At(5, StepPhase.Reduce, 4), Seconds(done));
        b.OnProgress(At(5, StepPhase.Backward, 4), Seconds(done));
        Assert.Null(FailureDetector.FindStuck(generation, Seconds(done + 100), Least));
        b.OnProgress(At(5, StepPhase.Reduce, 4), Seconds(done));
        Assert.NotNull(FailureDetector.FindStuck(generation, Seconds(done + 100), Least));
        b.OnLinkLost(Seconds(done));
        Assert.Null(FailureDetector.FindStuck(generation, Seconds(done + 100), Least)); // where it is now is not known
        a.OnFailure(new Failure { Kind = FailureKind.Collective, AppliedStep = 4 });
        Assert.Null(FailureDetector.FindStuck(generation, Seconds(done + 100), Least));
    }

    [Fact]
    public void FindStuck_FormingTheGroup_IsGivenTime()
    {
        Assert.Null(FailureDetector.FindStuck(generation, Seconds(299), Least));
        Assert.Equal(
            "all 2 replicas waited for each other for 300 s at step 0",
            FailureDetector.FindStuck(generation, Seconds(300), Least)
        );
    }
}
