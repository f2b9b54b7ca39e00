using System.Diagnostics;
using ClipDistributed.WorkerHost.Devices;
using ClipDistributed.WorkerHost.Options;
using Microsoft.Extensions.Time.Testing;

namespace ClipDistributed.WorkerHost.Tests.Devices;

public sealed class SlotUseTests
{
    private readonly FakeTimeProvider time = new();
    private readonly SlotUse use;

    public SlotUseTests() => use = new SlotUse(
        HostDevices.Find(new WorkerOptions { Coordinator = "", ReplicaProgram = "", Slots = 2, ThreadsPerSlot = 1, Gpus = [] }), time);

    [Fact]
    public void Next_ProcessThatComputes_HasItsShareOfTheTime()
    {
        Assert.Empty(Slot(0)); // it is not known since when it has computed
        time.Advance(TimeSpan.FromSeconds(1));
        Burn(TimeSpan.FromSeconds(0.2));
        double share = Assert.Single(Slot(0));
        Assert.InRange(share, 0.15, 1);
        time.Advance(TimeSpan.FromSeconds(1000));
        Assert.InRange(Assert.Single(Slot(0)), 0, 0.1);
    }

    [Fact]
    public void Next_SlotWithoutAReplica_IsUnused()
    {
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([0], Slot(1));
    }

    [Fact]
    public void Next_ProcessThatHasEnded_IsNotKnown()
    {
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain(use.Next(new Dictionary<int, int> { [0] = int.MaxValue }), slot => slot.Index == 0);
    }

    private IEnumerable<double> Slot(int index) =>
    [
        .. use.Next(new Dictionary<int, int> { [0] = Environment.ProcessId }).Where(slot => slot.Index == index)
            .Select(slot => slot.Utilisation),
    ];

    private static void Burn(TimeSpan cpu)
    {
        using var process = Process.GetCurrentProcess();
        for (var from = process.TotalProcessorTime; process.TotalProcessorTime - from < cpu; process.Refresh())
            Thread.SpinWait(10_000);
    }
}
