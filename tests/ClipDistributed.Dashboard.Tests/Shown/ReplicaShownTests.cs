using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Dashboard.Shown;

namespace ClipDistributed.Dashboard.Tests.Shown;

public sealed class ReplicaShownTests
{
    private readonly RunReplica waiting = Replica(0, 7, StepPhase.Wait);

    [Fact]
    public void Awaited_ReplicaThatWaits_NamesThoseThatAreBehind()
    {
        RunReplica[] all = [waiting, Replica(1, 7, StepPhase.Forward), Replica(2, 6, StepPhase.Optimizer), Replica(3, 7, StepPhase.Wait)];
        Assert.Equal("rank 1, 2", ReplicaShown.Awaited(waiting, all));
        Assert.Null(ReplicaShown.Awaited(all[1], all));
        Assert.Null(ReplicaShown.Awaited(waiting, [waiting, all[3]]));
        Assert.Equal("its rows", ReplicaShown.Awaited(Replica(0, 7, StepPhase.Data), all));
    }

    [Fact]
    public void Awaited_ManyBehind_IsShort() => Assert.Equal(
        "20 ranks, 1, 2, 3, …",
        ReplicaShown.Awaited(waiting, [waiting, .. Enumerable.Range(1, 20).Select(rank => Replica(rank, 7, StepPhase.Data))]));

    [Fact]
    public void SamplesPerSecond_OfOneAlone_IsItsShareInItsTime()
    {
        Assert.Equal(40, ReplicaShown.SamplesPerSecond(new RunReplica { Share = 8, BusySeconds = 0.2 })!.Value, 9);
        Assert.Null(ReplicaShown.SamplesPerSecond(new RunReplica { Share = 8 }));
    }

    private static RunReplica Replica(int rank, long step, StepPhase phase) => new() { Rank = rank, Step = step, Phase = phase };
}
