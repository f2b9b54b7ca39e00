using ClipDistributed.Training.Processors;
using Microsoft.Extensions.Time.Testing;

namespace ClipDistributed.Training.Tests.Processors;

public sealed class ProcessorWatchTests
{
    private readonly FakeTimeProvider time = new();
    private ProcessorUse? use = new ProcessorUse(0, 0, 0, 0);

    [Fact]
    public void Next_NeighbourTakesAProcessor_IsNoticedOnceAnHour()
    {
        var watch = Watch();

        Assert.Contains("other processes use 1.0 of ", After(watch, waited: 10, own: 20, machine: 50), StringComparison.Ordinal);
        Assert.Null(After(watch, waited: 10, own: 20, machine: 50));
        time.Advance(ProcessorWatch.Pause);
        watch.Next();
        Assert.NotNull(After(watch, waited: 10, own: 20, machine: 50));
    }

    [Theory]
    [InlineData(10, 50, 52)] // its own decoding threads are what it waits for
    [InlineData(1, 20, 50)] // others compute, yet the step gets its processor
    public void Next_NoNeighbourInTheWay_IsSilent(double waited, double own, double machine) =>
        Assert.Null(After(Watch(), waited, own, machine));

    [Fact]
    public void Next_QuotaStopsThreads_NamesTheQuota() =>
        Assert.Contains(" for 50", After(Watch(), waited: 0, own: 10, machine: 10, throttled: 15), StringComparison.Ordinal);

    [Fact]
    public void Next_WithinTheWindow_IsNotReadAgain()
    {
        int reads = 0;
        var watch = new ProcessorWatch(time, () => { reads++; return use; });

        for (int step = 0; step < 10; step++)
            watch.Next();

        Assert.Equal(1, reads);
    }

    [Fact]
    public void Next_KernelCountsNothing_IsSilent()
    {
        use = null;

        Assert.Null(After(Watch(), 0, 0, 0));
    }

    private ProcessorWatch Watch()
    {
        var watch = new ProcessorWatch(time, () => use);
        watch.Next();
        return watch;
    }

    private string? After(ProcessorWatch watch, double waited, double own, double machine, double throttled = 0)
    {
        if (use is { } before)
            use = new ProcessorUse(before.Waited + waited, before.Own + own, before.Machine + machine, before.Throttled + throttled);
        time.Advance(ProcessorWatch.Window);
        return watch.Next();
    }
}
