using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Settings;
using Microsoft.Extensions.Time.Testing;

namespace ClipDistributed.Coordinator.Tests.Hosts;

/// <summary>A pool of four processors, and runs that make way for others.</summary>
public sealed partial class PreemptionTests
{
    private static readonly CoordinatorOptions Options = new() { JoinWindow = TimeSpan.Zero };

    private readonly FakeTimeProvider time = new();
    private readonly Dictionary<string, IReadOnlyList<DeviceId>> used = [];

    [Fact]
    public void Claim_TooFewDevices_AsksOthersAfterAWhile()
    {
        var pool = Pool(Options);
        Start(pool, Low("low", 4));
        pool.Enter(High("high", 2));
        Assert.Equal(Options.PreemptAfter, Wait(pool, "high").AskAgainIn);
        Assert.Null(pool.Keep(Low("low", 4)));
        time.Advance(Options.PreemptAfter);
        var asked = Wait(pool, "high");
        Assert.Equal(
            (true, "needs at least 2 free devices; all 4 are used by low; low makes way for it"), (asked.IsPreempting, asked.Reason));
        Assert.Equal("high", pool.Keep(Low("low", 4))?.RunId);
        Assert.False(Wait(pool, "high").IsPreempting); // it was asked
    }

    [Fact]
    public void Claim_OneOfTwoHasMadeWay_DevicesAreHeldAndItDoesNotReturn()
    {
        var pool = Pool(Options);
        Start(pool, Low("a", 2));
        Start(pool, Low("b", 2));
        Preempt(pool, High("high", 4));
        MakeWay(pool, Low("a", 2));
        Assert.Equal("queued after high, which gets the devices of a, b", Wait(pool, "a").Reason);
        pool.Enter(Low("small", 1));
        Wait(pool, "small");
        Assert.Empty(pool.ClaimMore(Low("b", 2) with { Max = 4 }, DeviceKind.Cpu, count: 2));
        MakeWay(pool, Low("b", 2));
        Start(pool, "high");
    }

    [Fact]
    public void Claim_PreemptorIsGone_TheyReturnInTheOrderOfTheirAge()
    {
        var pool = Pool(Options);
        Start(pool, Low("a", 2));
        Start(pool, Low("b", 2));
        pool.Enter(Low("young", 2));
        Preempt(pool, High("high", 4));
        MakeWay(pool, Low("b", 2));
        MakeWay(pool, Low("a", 2));
        Wait(pool, "a");
        pool.Forget("high");
        Wait(pool, "young");
        Wait(pool, "b");
        Start(pool, "a");
        Wait(pool, "young");
        Start(pool, "b");
    }

    [Fact]
    public void Claim_PreemptorHasStarted_OthersAreNoLongerAskedToMakeWay()
    {
        var pool = Pool(Options);
        Start(pool, Low("a", 2));
        Start(pool, new RunNeed("other", 2, 2));
        Preempt(pool, High("high", 2));
        Release(pool, "other"); // it has ended meanwhile
        Start(pool, "high");
        Assert.Null(pool.Keep(Low("a", 2)));
    }

    [Fact]
    public void Claim_HasReturned_IsSparedForAWhile()
    {
        var pool = Pool(Options);
        Start(pool, Low("low", 4));
        Preempt(pool, High("high", 4));
        MakeWay(pool, Low("low", 4));
        Start(pool, "high");
        Release(pool, "high");
        pool.Forget("high");
        Start(pool, "low");
        pool.Enter(High("next", 4));
        time.Advance(TimeSpan.FromHours(1)); // it loads
        Assert.Null(Wait(pool, "next").AskAgainIn);
        pool.OnComputes("low");
        time.Advance(Options.PreemptAgainAfter - TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(1), Wait(pool, "next").AskAgainIn);
        time.Advance(TimeSpan.FromSeconds(1));
        Wait(pool, "next");
        time.Advance(Options.PreemptAfter);
        Assert.True(Wait(pool, "next").IsPreempting);
    }

    [Fact]
    public void Enter_PausedByAUserBefore_WaitsAfterThoseThatCameMeanwhile()
    {
        var pool = Pool(Options);
        Start(pool, Low("old", 4));
        pool.Enter(Low("young", 4));
        pool.LeaveQueue("old");
        Release(pool, "old");
        pool.Enter(Low("old", 4));
        Wait(pool, "old");
        Start(pool, "young");
    }

    [Fact]
    public void LeaveQueue_VictimIsPausedByAUser_MakesWayForNone()
    {
        var pool = Pool(Options);
        Start(pool, Low("low", 4));
        Preempt(pool, High("high", 4));
        Assert.Equal(["low"], pool.VictimsOf("high"));
        pool.LeaveQueue("low");
        Assert.Empty(pool.VictimsOf("high"));
    }

    /// <summary>The freed quota is its own, and the freed devices too, while others of the owner are still on their way out.</summary>
    [Fact]
    public void Claim_OwnerOverItsQuota_TakesItsOwnRunsAndStaysWithin()
    {
        var pool = Pool(Options with { QuotaDevices = 2 });
        Start(pool, Low("a", 1) with { Owner = "ann" });
        Start(pool, Low("b", 1) with { Owner = "ann" });
        Preempt(pool, High("high", 2) with { Owner = "ann" });
        MakeWay(pool, Low("a", 1) with { Owner = "ann" });
        Assert.Equal("needs at least 2 devices; its owner ann may use 1 more now; a, b make way for it", Wait(pool, "high").Reason);
        pool.Enter(new RunNeed("bob-1", 3, 3, Priority: 20));
        Wait(pool, "bob-1");
        MakeWay(pool, Low("b", 1) with { Owner = "ann" });
        Start(pool, "high");
        Assert.Equal(2, used["high"].Count);
    }

    [Fact]
    public void Enter_AfterARestart_DevicesAreHeldAndThoseThatReturnedAreSpared()
    {
        var pool = Pool(Options);
        Start(pool, Low("back", 2));
        pool.Enter(Low("waits", 2));
        pool.RestorePreemption("waits", by: "high", isBack: false, returnedFor: null);
        pool.RestorePreemption("back", by: null, isBack: true, returnedFor: TimeSpan.FromMinutes(9));
        pool.Enter(High("high", 4));
        Assert.Equal("queued after high, which gets the devices of waits", Wait(pool, "waits").Reason);
        Assert.Equal(TimeSpan.FromMinutes(1), Wait(pool, "high").AskAgainIn);
    }

    [Fact]
    public void Foresee_WouldPreempt_SaysWhom()
    {
        var pool = Pool(Options);
        Start(pool, Low("low", 4));
        Assert.Equal(
            "needs at least 1 free device; all 4 are used by low; it would have low make way", pool.Foresee(High("x", 1)).Reason);
        Assert.Equal("needs at least 1 free device; all 4 are used by low", pool.Foresee(Low("x", 1)).Reason);
    }

    private static RunNeed Low(string runId, int min) => new(runId, min, min, Priority: 10, IsPreemptible: true);

    private static RunNeed High(string runId, int min) => new(runId, min, min, Priority: 90);

    private DevicePool Pool(CoordinatorOptions options)
    {
        var pool = new DevicePool(options, time);
        pool.Join("a", Enumerable.Range(0, 4).Select(index => (new DeviceId("a", DeviceKind.Cpu, index), "a processor")));
        return pool;
    }

    private void Start(DevicePool pool, RunNeed need)
    {
        pool.Enter(need);
        Start(pool, need.RunId);
    }

    private void Start(DevicePool pool, string runId)
    {
        used[runId] = Assert.IsType<Placement.Start>(pool.Claim(runId)).Devices;
        foreach (var device in used[runId])
            pool.Occupy(device, runId, runId);
    }

    private static Placement.Wait Wait(DevicePool pool, string runId) => Assert.IsType<Placement.Wait>(pool.Claim(runId));

    private void Preempt(DevicePool pool, RunNeed need)
    {
        pool.Enter(need);
        Wait(pool, need.RunId);
        time.Advance(Options.PreemptAfter);
        Assert.True(Wait(pool, need.RunId).IsPreempting);
    }

    private void MakeWay(DevicePool pool, RunNeed need)
    {
        Assert.NotNull(pool.Keep(need));
        pool.LeaveQueue(need.RunId, isPreempted: true);
        Release(pool, need.RunId);
        pool.Enter(need);
    }

    private void Release(DevicePool pool, string runId)
    {
        foreach (var device in used[runId])
            pool.Release(device, runId);
    }
}
