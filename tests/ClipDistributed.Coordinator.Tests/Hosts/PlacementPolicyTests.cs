using ClipDistributed.Contracts.Host.V1;

using ClipDistributed.Coordinator.Hosts;

namespace ClipDistributed.Coordinator.Tests.Hosts;

public class PlacementPolicyTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(2);

    // Devices are written as host, kind (c: CPU, g: CUDA, x: a CPU of a drained host) and, where one is in use, its run: "ac bc=x-1 bg".
    [Theory]
    [InlineData(1, 1, "", "needs at least 1 device; no worker host is connected, start one with clipd worker")]
    [InlineData(4, 4, "ac bc", "needs at least 4 devices; 2 hosts offer 2: a 1 cpu, b 1 cpu")]
    [InlineData(2, 2, "ac", "needs at least 2 devices; 1 host offers 1: a 1 cpu")]
    [InlineData(2, 2, "ac ag", "needs at least 2 devices of one kind; 1 host offers 2: a 1 cpu + 1 cuda")]
    [InlineData(2, 2, "ac bc=x-1 bc=y-2", "needs at least 2 free devices; 1 of 3 is free, the others are used by x-1, y-2")]
    [InlineData(1, 1, "ac=x-1", "needs at least 1 free device; the only one is used by x-1")]
    public void Decide_TooFewDevices_WaitsWithItsReason(int min, int max, string devices, string reason)
    {
        var wait = Assert.IsType<Placement.Wait>(Decide(min, max, devices));
        Assert.Equal((reason, (TimeSpan?)null), (wait.Reason, wait.AskAgainIn));
    }

    [Theory]
    [InlineData(1, 1, "ac", "a cpu:0")]
    [InlineData(2, 2, "bc ac bc", "a cpu:0|b cpu:0")]
    [InlineData(1, 2, "bg ag ac ac ac", "a cuda:0|b cuda:0")]
    [InlineData(2, 3, "ag bc ac ac", "a cpu:0|a cpu:1|b cpu:0")]
    [InlineData(1, 2, "ag=x-1 ac bc", "a cpu:0|b cpu:0")]
    public void Decide_MaxAreFree_StartsAtOnceOnOneKind(int min, int max, string devices, string expected)
    {
        var start = Assert.IsType<Placement.Start>(Decide(min, max, devices));
        Assert.Equal(expected, string.Join('|', start.Devices));
    }

    [Theory]
    [InlineData(1, "ax", "needs at least 1 device; no worker host offers one; host a is drained")]
    [InlineData(2, "ac bx bx", "needs at least 2 devices; 1 host offers 1: a 1 cpu; host b is drained")]
    [InlineData(2, "ac cc bx bx", null)]
    public void Decide_HostIsDrained_CountsForNothing(int min, string devices, string? reason)
    {
        var decision = Decide(min, 2, devices);
        if (reason is null)
            Assert.Equal("a cpu:0|c cpu:0", string.Join('|', Assert.IsType<Placement.Start>(decision).Devices));
        else
            Assert.Equal(reason, Assert.IsType<Placement.Wait>(decision).Reason);
    }

    [Fact]
    public void Decide_MinAreFree_WaitsForMoreOnlyWithinTheWindow()
    {
        var early = Assert.IsType<Placement.Wait>(Decide(1, 3, "ac bc"));
        Assert.Equal(Window, early.AskAgainIn);
        var later = Assert.IsType<Placement.Wait>(Decide(1, 3, "ac bc", enoughFor: TimeSpan.FromSeconds(1.5)));
        Assert.Equal(TimeSpan.FromSeconds(0.5), later.AskAgainIn);
        var start = Assert.IsType<Placement.Start>(Decide(1, 3, "ac bc", enoughFor: Window));
        Assert.Equal(2, start.Devices.Count);
    }

    [Fact]
    public void Decide_NoRoomYetForTheOneAhead_StartsBeforeIt()
    {
        var big = new QueuedRun(new RunNeed("big-1", 2, 2));
        Assert.IsType<Placement.Start>(Decide(1, 1, "ac bc=x-1", ahead: big));
        var wait = Assert.IsType<Placement.Wait>(Decide(1, 1, "ac=y-1 bc=x-1", ahead: big));
        Assert.EndsWith("; queued after big-1", wait.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ac bc", false, "queued after big-1, which starts first")]
    [InlineData("ac bc=x-1", true, "queued after big-1, for which devices are held: others have started before it")]
    [InlineData("ac bc", true, "queued after big-1, for which devices are held: others have started before it")]
    public void Decide_RoomForTheOneAheadOrHeldForIt_IsQueuedAfterIt(string devices, bool isHeldFor, string reason)
    {
        var wait = Assert.IsType<Placement.Wait>(Decide(1, 1, devices, ahead: new QueuedRun(new RunNeed("big-1", 2, 2), isHeldFor)));
        Assert.Equal((reason, (TimeSpan?)null), (wait.Reason, wait.AskAgainIn));
    }

    [Fact]
    public void Decide_HeldFor_SaysSoWhileItWaits()
    {
        var run = new QueuedRun(new RunNeed("big-1", 2, 2), IsHeldFor: true);
        var wait = Assert.IsType<Placement.Wait>(PlacementPolicy.Decide(run, Devices("ac bc=x-1"), [], enoughFor: null, Window));
        Assert.EndsWith("; what becomes free is held for it", wait.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Decide_EarlierRunThatNoHostCanSatisfy_HoldsNoOtherUp(bool isHeldFor) =>
        Assert.IsType<Placement.Start>(Decide(1, 1, "ac bc", ahead: new QueuedRun(new RunNeed("huge-1", 3, 3), isHeldFor)));

    private static Placement Decide(int min, int max, string devices, TimeSpan? enoughFor = null, params QueuedRun[] ahead) =>
        PlacementPolicy.Decide(new QueuedRun(new RunNeed("demo-1", min, max)), Devices(devices), ahead, enoughFor, Window);

    private static List<OfferedDevice> Devices(string text)
    {
        var devices = new List<OfferedDevice>();
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var kind = word[1] == 'g' ? DeviceKind.Cuda : DeviceKind.Cpu;
            int index = devices.Count(device => device.Id.Host == word[..1] && device.Id.Kind == kind);
            devices.Add(
                new OfferedDevice(
                    new DeviceId(word[..1], kind, index),
                    "",
                    word.Length > 2 ? word[3..] : null,
                    Closed: word[1] == 'x' ? "is drained" : null
                )
            );
        }
        return devices;
    }
}
