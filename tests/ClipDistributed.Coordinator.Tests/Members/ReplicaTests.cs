using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.Replicas;

namespace ClipDistributed.Coordinator.Tests.Members;

public class ReplicaTests
{
    private readonly Replica member = new("r1", new DeviceId("a", DeviceKind.Cpu, 0), restores: false, TimeSpan.Zero);

    public ReplicaTests()
    {
        member.OnHello(new ReplicaLink(1), new Hello { AppliedStep = 12 }, TimeSpan.Zero);
        member.Begin(rank: 0, step: 12, TimeSpan.Zero);
    }

    [Fact]
    public void BegunStep_BrokenInAStepThatItHadNotReported_CountsIt()
    {
        Progress(step: 13);
        member.OnFailure(new Failure { Kind = FailureKind.Collective, AppliedStep = 13 });
        Assert.Equal(14, member.BegunStep);
    }

    [Fact]
    public void BegunStep_BrokenBeforeAnyStep_IsTheStart()
    {
        member.OnFailure(new Failure { Kind = FailureKind.Collective, AppliedStep = 12 });
        Assert.Equal(12, member.BegunStep);
    }

    [Fact]
    public void BegunStep_LeftAtABorder_IsTheAppliedOneWhateverItSaysOfTheNext()
    {
        member.OnEnded(new Ended { AppliedStep = 13 });
        Progress(step: 14);
        Assert.Equal(13, member.BegunStep);
    }

    [Fact]
    public void BegunStep_Exited_IsTheLastThatItReported()
    {
        Progress(step: 13);
        member.OnExit(new ProcessExit(137, ""));
        Assert.Equal(13, member.BegunStep);
    }

    private void Progress(long step) =>
        member.OnProgress(
            new Progress
            {
                Step = step,
                Phase = StepPhase.Forward,
                AppliedStep = step - 1,
            },
            TimeSpan.Zero
        );
}
