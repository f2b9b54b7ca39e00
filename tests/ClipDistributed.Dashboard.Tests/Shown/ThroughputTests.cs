using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Dashboard.Feeds;
using ClipDistributed.Dashboard.Shown;

namespace ClipDistributed.Dashboard.Tests.Shown;

public sealed class ThroughputTests
{
    private static readonly RunSpeed Speed = new(32, 2, new Dictionary<string, double>
    {
        ["forward"] = 0.25, ["loss"] = 0.1, ["backward"] = 0.5, ["optimizer"] = 0.15,
        ["data"] = 0.5, ["wait"] = 0.25, ["gather"] = 0.15, ["reduce"] = 0.1,
    });

    [Fact]
    public void Of_PartsOfSteps_AddUpToWhatIsObserved()
    {
        var rate = Throughput.Of(new Run { UsefulSeconds = 90, WallSeconds = 100 }, Speed, globalBatch: 64)!;
        Assert.Equal(64, rate.Planned, 6);
        Assert.Equal(32 * 0.9, rate.Observed, 6);
        Assert.Equal(rate.Planned - rate.Observed, rate.Losses.Sum(loss => loss.Lost), 6);
        Assert.Equal(64 - 64 / 1.5, rate.Losses[0].Lost, 6); // data
        Assert.Equal(3.2, rate.Losses[^1].Lost, 6); // between steps
    }

    [Fact]
    public void Of_RunWithoutParts_IsNotKnown()
    {
        Assert.Null(Throughput.Of(new Run(), Speed with { Split = new Dictionary<string, double>() }, 64));
        Assert.Null(Throughput.Of(new Run(), null, 64));
        Assert.Null(Throughput.Of(new Run(), Speed, 0));
    }
}
