using System.Globalization;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Coordinator.Hosts;

namespace ClipDistributed.Coordinator.Tests.Hosts;

public sealed class PreemptionPolicyTests
{
    // Devices as kind (c: CPU, g: CUDA, x: a CPU of a drained host) and, where one is in use, its run: "c c=p g=q".
    // Runs in their order: priority, then + where they are preemptible, l where they leave already, s where they are spared.
    [Theory]
    [InlineData(1, "c=p", "p10+", "p")]
    [InlineData(1, "c=p", "p10", "")] // its spec does not allow it
    [InlineData(1, "c=p", "p50+", "")] // as urgent
    [InlineData(1, "c=p", "p60+", "")]
    [InlineData(1, "c=p c", "p10+", "")] // one is free
    [InlineData(2, "c=p", "p10+", "")] // the hosts have no two
    [InlineData(2, "c=p x=p", "p10+", "")] // that of a drained host is of no use
    [InlineData(2, "c=p x=p c=q", "p10+ q20+", "p,q")] // nor beside another one
    [InlineData(2, "c=p c=q", "p10+ q10", "")] // not enough in all: nothing is taken
    [InlineData(1, "c=p c=q", "p10+ q10l", "")] // becomes free by itself
    [InlineData(2, "c=p c=q", "p10+ q10l", "p")]
    [InlineData(1, "c=p", "p10+s", "")]
    [InlineData(1, "c=p c=q", "p10+s q20+", "q")]
    [InlineData(1, "c=p c=q", "p10+ q10+", "q")] // of equal ones the one that came last
    [InlineData(1, "c=p c=q", "p10+ q20+", "p")] // the lowest
    [InlineData(2, "c=p c=q c=r c=r", "p10+ q10+ r20+", "q,p")] // rather two of them than a higher one
    [InlineData(3, "c=p c=q c=r c=r", "p10+ q10+ r20+", "q,r")] // no more than are needed
    [InlineData(2, "c=p c=q c=q", "p10+ q10+", "q")] // the fewest
    [InlineData(3, "c=p c=q c=q c=r c=r", "p10+ q10+ r10+", "r,q")]
    [InlineData(2, "c=p g=p c=q", "p10+ q10+", "q,p")] // of one kind
    [InlineData(1, "g=p c=q", "p20+ q10+", "p")] // CUDA first
    [InlineData(2, "c=p c", "p10+", "p")] // what is free already counts
    public void Decide_ByPriorityAndDevices_TakesTheLowestAndFewest(int min, string devices, string runs, string victims) =>
        Assert.Equal(victims, Decide(new RunNeed("x", min, min), devices, runs, ""));

    // Ahead: priority and minimum, then h where devices are held for it.
    [Theory]
    [InlineData("c=p", "p10+", "90:1", "")] // it is the one ahead that takes it
    [InlineData("c=p c", "p10+", "90:1", "p")] // that one has enough
    [InlineData("c=p c=q", "p10+ q70", "90:2", "p")] // that one cannot, and may be overtaken
    [InlineData("c=p c=q", "p10+ q70", "90:2h", "")]
    [InlineData("c=p", "p10+", "90:2h", "p")] // that one can never run here
    public void Decide_AnotherComesFirst_WaitsItsTurn(string devices, string runs, string ahead, string victims) =>
        Assert.Equal(victims, Decide(new RunNeed("x", 1, 1), devices, runs, ahead));

    [Theory]
    [InlineData(0, "p10+ann q10+bob", "p")] // only the owner's own help
    [InlineData(0, "p10+bob q10+bob", "")]
    [InlineData(0, "p10+ann q10+ann", "q")]
    [InlineData(0, "p10lann q10+ann", "")] // the quota is free soon, and the device
    [InlineData(1, "p10+bob q10+ann", "q")]
    public void Decide_OwnerMayUseNoMore_TakesItsOwnersOwnAlone(int quota, string runs, string victims)
    {
        var need = new RunNeed("x", 1, 1, Owner: "ann");
        Assert.Equal(victims, Decide(need, "c=p c=q", runs, "", quota));
    }

    [Fact]
    public void Decide_QuotaAndRoomAreShort_TakesItsOwnAndOthers()
    {
        var need = new RunNeed("x", 3, 3, Owner: "ann");
        Assert.Equal("p,q", Decide(need, "c=p c=q c=q", "p10+ann q10+bob", "", quota: 2));
        Assert.Equal("", Decide(need, "c=p c=q c=q", "p10+ann q10+bob", "", quota: 1));
    }

    [Fact]
    public void Decide_AllAreSpared_AsksAgainThen()
    {
        var decision = PreemptionPolicy.Decide(
            new QueuedRun(new RunNeed("x", 1, 1)), [], Devices("c=p c=q"),
            [
                new PlacedRun(Need("p", 10), SparedFor: TimeSpan.FromSeconds(9)),
                new PlacedRun(Need("q", 10), SparedFor: TimeSpan.FromSeconds(7)),
            ]);
        Assert.Equal(TimeSpan.FromSeconds(7), decision.AskAgainIn);
        Assert.Empty(decision.Victims);
    }

    private static RunNeed Need(string runId, int priority) => new(runId, 1, 1, priority, IsPreemptible: true);

    private static string Decide(RunNeed need, string devices, string runs, string ahead, int quota = int.MaxValue)
    {
        var first = ahead.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split(':')).Select((one, i) =>
        {
            int min = int.Parse(one[1].TrimEnd('h'), CultureInfo.InvariantCulture);
            return new QueuedRun(new RunNeed($"a{i}", min, min, int.Parse(one[0], CultureInfo.InvariantCulture)), one[1].EndsWith('h'));
        });
        var decision = PreemptionPolicy.Decide(
            new QueuedRun(need, Quota: quota), [.. first], Devices(devices), [.. runs.Split(' ').Select(Placed)]);
        return string.Join(',', decision.Victims);
    }

    private static PlacedRun Placed(string text)
    {
        int priority = int.Parse(text[1..3], CultureInfo.InvariantCulture);
        string rest = text[3..];
        bool isPreemptible = rest.StartsWith('+'), isLeaving = rest.StartsWith('l'), isSpared = rest == "+s";
        string owner = rest.TrimStart('+', 'l', 's');
        return new PlacedRun(
            new RunNeed(text[..1], 1, 1, priority, owner, isPreemptible), isLeaving, isSpared ? TimeSpan.FromMinutes(1) : null);
    }

    private static List<OfferedDevice> Devices(string text) =>
    [
        .. text.Split(' ').Select((one, index) => new OfferedDevice(
            new DeviceId("a", one[0] == 'g' ? DeviceKind.Cuda : DeviceKind.Cpu, index), "a device",
            one.Contains('=', StringComparison.Ordinal) ? one[2..] : null, Closed: one[0] == 'x' ? "is drained" : null)),
    ];
}
