using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Settings;
using Microsoft.Extensions.Time.Testing;

namespace ClipDistributed.Coordinator.Tests.Hosts;

/// <summary>The queue behind a pool of six processors, all of which a run uses in the beginning.</summary>
public sealed class DeviceQueueTests
{
    private const int Devices = 6;

    private readonly FakeTimeProvider time = new();
    private readonly Dictionary<string, List<DeviceId>> used = [];

    [Fact]
    public void Claim_HigherPriority_ComesFirstAndEqualOnesInTheirOrder()
    {
        var pool = Pool(new CoordinatorOptions { BackfillStarts = 0 });
        Enter(pool, "low", 1, priority: 10);
        Enter(pool, "first", 1);
        Enter(pool, "second", 1);
        Enter(pool, "high", 1, priority: 90);
        Release(pool, "all", 4);
        var order = new List<string>();
        while (order.Count < 4)
            order.Add(((string[])["low", "second", "first", "high"]).First(run => !order.Contains(run) && TryStart(pool, run)));
        Assert.Equal(["high", "first", "second", "low"], order);
    }

    [Fact]
    public void Claim_SmallOnesBeforeALargeOne_AreSoManyAndNoMore()
    {
        var pool = Pool(new CoordinatorOptions { BackfillStarts = 2 });
        Enter(pool, "large", 4);
        foreach (string small in (string[])["a", "b", "c"])
            Enter(pool, small, 1);
        Release(pool, "all", 3);
        Assert.True(TryStart(pool, "a"));
        Assert.True(TryStart(pool, "b"));
        Assert.False(TryStart(pool, "c"));
        Release(pool, "all", 2);
        Assert.False(TryStart(pool, "c"));
        Release(pool, "a", 1);
        Assert.False(TryStart(pool, "c"));
        Assert.True(TryStart(pool, "large"));
        Release(pool, "b", 1);
        Assert.True(TryStart(pool, "c"));
    }

    [Fact]
    public void Claim_SmallOnesAfterTheTime_Wait()
    {
        var pool = Pool(new CoordinatorOptions { BackfillStarts = 1000, BackfillTime = TimeSpan.FromMinutes(5) });
        Enter(pool, "large", 4);
        Enter(pool, "a", 1);
        Enter(pool, "b", 1);
        Enter(pool, "c", 1);
        time.Advance(TimeSpan.FromHours(1)); // it counts from the first that starts
        Release(pool, "all", 3);
        Assert.True(TryStart(pool, "a"));
        time.Advance(TimeSpan.FromMinutes(4));
        Assert.True(TryStart(pool, "b"));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(TryStart(pool, "c"));
    }

    [Fact]
    public void ClaimMore_WhileDevicesAreHeld_IsForTheMinimumAlone()
    {
        var pool = Pool(new CoordinatorOptions { BackfillStarts = 0 });
        Enter(pool, "large", 6);
        Release(pool, "all", 3);
        Assert.Empty(pool.ClaimMore(new RunNeed("all", 3, 6), DeviceKind.Cpu, count: 3));
        Assert.Single(pool.ClaimMore(new RunNeed("all", 4, 6), DeviceKind.Cpu, count: 3));
        pool.Forget("large");
        Assert.Equal(2, pool.ClaimMore(new RunNeed("all", 4, 6), DeviceKind.Cpu, count: 2).Count);
    }

    [Fact]
    public void Foresee_ByPriority_IsItsPlaceInTheQueue()
    {
        var pool = Pool(new CoordinatorOptions { BackfillStarts = 0 });
        Enter(pool, "large", 4);
        Release(pool, "all", 2);
        Assert.IsType<Placement.Wait>(pool.Foresee(new RunNeed("x", 1, 1)));
        Assert.IsType<Placement.Start>(pool.Foresee(new RunNeed("x", 1, 1, Priority: 51)));
    }

    [Fact]
    public void Claim_OwnerOverItsQuota_WaitsForItsOwnAndHoldsUpNoOther()
    {
        var pool = Pool(new CoordinatorOptions { BackfillStarts = 0, QuotaDevices = 2 });
        pool.Enter(new RunNeed("ann-1", 1, 1, Owner: "ann"));
        pool.Enter(new RunNeed("ann-2", 2, 2, Owner: "ann"));
        pool.Enter(new RunNeed("bob-1", 1, 4, Owner: "bob"));
        Release(pool, "all", Devices);
        Assert.True(TryStart(pool, "ann-1"));
        Assert.Equal("needs at least 2 devices; its owner ann may use 1 more now", pool.Claim("ann-2").Reason);
        Assert.Empty(pool.AheadOf("ann-2"));
        Assert.Empty(pool.AheadOf("bob-1")); // ann-2 holds it up no more than that
        Assert.True(TryStart(pool, "bob-1"));
        Assert.Equal(2, used["bob-1"].Count);
        Assert.Empty(pool.ClaimMore(new RunNeed("bob-1", 1, 4, Owner: "bob"), DeviceKind.Cpu, count: 2));
        Assert.IsType<Placement.Wait>(pool.Foresee(new RunNeed("x", 1, 1, Owner: "bob")));
        Assert.IsType<Placement.Start>(pool.Foresee(new RunNeed("x", 1, 1, Priority: 51, Owner: "eve")));
        Release(pool, "ann-1", 1);
        Assert.True(TryStart(pool, "ann-2"));
        pool.Forget("bob-1"); // as when it has ended, and its replicas are still there
        Assert.IsType<Placement.Start>(pool.Foresee(new RunNeed("x", 1, 1, Owner: "bob")));
    }

    /// <summary>Runs of all sizes come faster than they can be served: each that fits starts, however large it is.</summary>
    [Fact]
    public void Claim_ArrivalsAtRandom_EveryRunThatFitsStarts()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var options = new CoordinatorOptions { BackfillStarts = random.Next(5), JoinWindow = TimeSpan.Zero };
            var pool = Pool(options);
            Release(pool, "all", Devices);
            var waiting = new List<(string RunId, int Min, int Overtaken)>();
            for (int step = 0; step < 60 || waiting.Count > 0; step++)
            {
                Assert.True(step < 1000, $"seed {seed}: {string.Join(", ", waiting)} never start");
                if (step < 60)
                {
                    var arrived = ($"r{step}", 1 + random.Next(Devices), 0);
                    Enter(pool, arrived.Item1, arrived.Item2);
                    waiting.Add(arrived);
                }
                time.Advance(TimeSpan.FromMinutes(1));
                foreach (string ended in used.Keys.Where(_ => random.Next(3) == 0).ToList())
                    Release(pool, ended, used[ended].Count);
                foreach (var run in waiting.OrderBy(_ => random.Next()).ToList())
                {
                    if (!TryStart(pool, run.RunId))
                        continue;
                    int place = waiting.FindIndex(one => one.RunId == run.RunId);
                    for (int i = 0; i < place; i++)
                        waiting[i] = waiting[i] with { Overtaken = waiting[i].Overtaken + 1 };
                    waiting.RemoveAt(place);
                    Assert.All(waiting, one => Assert.True(one.Overtaken <= options.BackfillStarts, $"seed {seed}: {one}"));
                }
            }
        }
    }

    private DevicePool Pool(CoordinatorOptions options)
    {
        used.Clear();
        var pool = new DevicePool(options with { JoinWindow = TimeSpan.Zero }, time);
        pool.Join("a", Enumerable.Range(0, Devices).Select(index => (new DeviceId("a", DeviceKind.Cpu, index), "a processor")));
        Enter(pool, "all", Devices);
        Assert.True(TryStart(pool, "all"));
        return pool;
    }

    private static void Enter(DevicePool pool, string runId, int min, int priority = 50) =>
        pool.Enter(new RunNeed(runId, min, min, priority));

    private bool TryStart(DevicePool pool, string runId)
    {
        if (pool.Claim(runId) is not Placement.Start start)
            return false;
        used[runId] = [.. start.Devices];
        foreach (var device in start.Devices)
            pool.Occupy(device, runId, runId);
        return true;
    }

    private void Release(DevicePool pool, string runId, int count)
    {
        foreach (var device in used[runId].Take(count))
            pool.Release(device, runId);
        used[runId].RemoveRange(0, count);
        if (used[runId].Count == 0)
            used.Remove(runId);
    }
}
