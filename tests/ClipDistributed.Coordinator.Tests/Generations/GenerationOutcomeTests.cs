using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Replicas;

namespace ClipDistributed.Coordinator.Tests.Generations;

public class GenerationOutcomeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly Member a = Linked("r1", "a", 0), b = Linked("r2", "b", 1);

    [Fact]
    public void Judge_NothingSeen_GoesOn() => Assert.IsType<GenerationOutcome.GoesOn>(Judge(0));

    [Fact]
    public void Judge_CollectiveFailed_WaitsForTheCause()
    {
        a.Failed(Collective(), Seconds(10));
        Assert.Equal(Seconds(13), Assert.IsType<GenerationOutcome.Broken>(Judge(10)).WaitUntil);
        Assert.StartsWith("the replicas lost touch though none of them died; replica r1 on host a: closed;", Over(13).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_CollectiveFailedThenExit_BlamesTheExit()
    {
        a.Failed(Collective(), Seconds(10));
        b.LostLink(Seconds(11));
        Assert.Equal(Seconds(14), Assert.IsType<GenerationOutcome.Broken>(Judge(12)).WaitUntil);
        b.Exited(new ProcessExit(139, ""), Seconds(12));
        Assert.Equal("replica r2 on host b was ended by signal 11 (SIGSEGV) at step 4; clipd submit --resume goes on from the newest checkpoint", Over(12).Reason);
    }

    [Fact]
    public void Judge_SurvivorThatLeftAfterItsFailure_IsNotTheCause()
    {
        a.Failed(Collective(), Seconds(10));
        a.LostLink(Seconds(10));
        a.Exited(new ProcessExit(1, ""), Seconds(10));
        b.LostLink(Seconds(11));
        Assert.IsType<GenerationOutcome.Broken>(Judge(13.5));
        Assert.StartsWith("replica r2 on host b lost its connection at step 4", Over(14).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_ExitBeforeItsLastWordsWereRead_WaitsForThem()
    {
        b.Exited(new ProcessExit(2, ""), Seconds(10));
        Assert.IsType<GenerationOutcome.Broken>(Judge(10));
        b.Failed(new Failure { Kind = FailureKind.BadInput, Errors = { "no column", "no rows" } }, Seconds(11));
        Assert.Equal((RunPhase.Failed, "host b (replica r2): no column | no rows"), (Over(11).Phase, Over(11).Reason));
    }

    [Fact]
    public void Judge_InputRefusedBeforeALink_IsToldWithoutAdviceToResume()
    {
        var refused = new Member("r3", new DeviceId("c", DeviceKind.Cpu, 0), 2, restores: false);
        refused.Exited(new ProcessExit(2, "no column\nno rows"), Seconds(1));
        Assert.Equal("host c (replica r3): no column | no rows", Assert.IsType<GenerationOutcome.Over>(GenerationOutcome.Judge([a, b, refused], Seconds(1), Patience)).Reason);
    }

    [Fact]
    public void Judge_AllEnded_SaysHow()
    {
        a.Ended = new Ended { AppliedStep = 9, Finished = true };
        Assert.IsType<GenerationOutcome.GoesOn>(Judge(1));
        b.Ended = new Ended { AppliedStep = 9, Finished = true };
        b.LostLink(Seconds(1));
        Assert.Equal((RunPhase.Succeeded, ""), (Over(1).Phase, Over(1).Reason));
        b.Ended.Finished = false;
        Assert.Equal((RunPhase.Stopped, "stopped after step 9, saved; clipd submit --resume goes on"), (Over(1).Phase, Over(1).Reason));
    }

    [Fact]
    public void Judge_HostAwayWhileTheLinkHolds_GoesOn()
    {
        a.HostLeft(Seconds(1));
        Assert.IsType<GenerationOutcome.GoesOn>(Judge(60));
        a.LostLink(Seconds(60));
        Assert.StartsWith("replica r1 on host a was lost together with its host", Over(63).Reason, StringComparison.Ordinal);
    }

    private GenerationOutcome Judge(double now) => GenerationOutcome.Judge([a, b], Seconds(now), Patience);

    private GenerationOutcome.Over Over(double now) => Assert.IsType<GenerationOutcome.Over>(Judge(now));

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static Failure Collective() => new() { Kind = FailureKind.Collective, Errors = { "closed" } };

    private static Member Linked(string id, string host, int rank)
    {
        var member = new Member(id, new DeviceId(host, DeviceKind.Cpu, 0), rank, restores: rank == 0);
        member.Greeted(new ReplicaLink(), new Hello { AppliedStep = 4 });
        return member;
    }
}
