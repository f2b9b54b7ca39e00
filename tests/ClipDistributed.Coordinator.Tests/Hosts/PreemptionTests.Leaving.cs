using ClipDistributed.Coordinator.Hosts;

namespace ClipDistributed.Coordinator.Tests.Hosts;

/// <summary>The place in the queue of a run that is on its way out.</summary>
public sealed partial class PreemptionTests
{
    /// <summary>It gives its devices back one after the other, and comes back when it has given back the last one.</summary>
    [Fact]
    public void Claim_VictimStillLeaves_YoungerOnesDoNotTakeWhatItGivesBack()
    {
        var pool = Pool(Options);
        var victim = Low("old", 2) with { Max = 4 };
        Start(pool, victim);
        pool.Enter(Low("young", 2));
        Preempt(pool, High("high", 2));
        Assert.NotNull(pool.Keep(victim));
        pool.LeaveQueue("old", isPreempted: true);
        Release(pool, "old");
        Start(pool, "high");
        Assert.Equal("queued after old, which starts first", Wait(pool, "young").Reason);
        pool.Enter(victim);
        Start(pool, "old");
    }

    [Fact]
    public void Claim_PreemptorIsGoneWhileVictimLeaves_TheVictimKeepsItsPlace()
    {
        var pool = Pool(Options);
        Start(pool, Low("old", 4));
        pool.Enter(Low("young", 4));
        Preempt(pool, High("high", 4));
        Assert.NotNull(pool.Keep(Low("old", 4)));
        pool.LeaveQueue("old", isPreempted: true);
        pool.Forget("high");
        Release(pool, "old");
        Wait(pool, "young");
        pool.LeaveQueue("old", isPreempted: true); // it is asked again in each turn
        pool.Enter(Low("old", 4));
        Start(pool, "old");
    }

    /// <summary>A user who stops it gives its place up.</summary>
    [Fact]
    public void LeaveQueue_VictimIsStopped_OthersNeedNotWaitForIt()
    {
        var pool = Pool(Options);
        Start(pool, Low("old", 4));
        pool.Enter(Low("young", 4));
        Preempt(pool, High("high", 4));
        pool.LeaveQueue("old", isPreempted: true);
        pool.LeaveQueue("old");
        pool.Forget("high");
        Release(pool, "old");
        Start(pool, "young");
    }

    /// <summary>What it is about to give back counts neither for its owner's others nor against itself.</summary>
    [Fact]
    public void Claim_VictimOfAnOwnerWithAQuota_KeepsItsPlaceToo()
    {
        var pool = Pool(Options with { QuotaDevices = 2 });
        Start(pool, Low("old", 2) with { Owner = "ann" });
        Start(pool, new RunNeed("other", 2, 2, Owner: "bob"));
        pool.Enter(Low("young", 1) with { Owner = "ann" });
        Preempt(pool, High("high", 1) with { Owner = "cid" });
        pool.LeaveQueue("old", isPreempted: true);
        pool.Release(used["old"][0], "old");
        Start(pool, "high");
        pool.Forget("high");
        Release(pool, "high");
        Release(pool, "other");
        Wait(pool, "young");
    }
}
