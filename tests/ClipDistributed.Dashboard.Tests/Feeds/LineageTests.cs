using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Dashboard.Feeds;

namespace ClipDistributed.Dashboard.Tests.Feeds;

public sealed class LineageTests
{
    [Fact]
    public void Of_AttemptsThatGoBack_JoinsWhatLedToTheNewestState()
    {
        var joined = Lineage.Of([Attempt(2, 4, 6), Attempt(1, 1, 5), Attempt(3, 6, 9)]);
        Assert.Equal(
            [(1, 1), (2, 1), (3, 1), (4, 2), (5, 2), (6, 3), (7, 3), (8, 3), (9, 3)],
            joined.Kept.Select(point => (point.LastStep, (long)point.Mean)));
    }

    [Fact]
    public void Of_PointWithoutFiniteValue_LeavesItOut()
    {
        var series = Attempt(1, 1, 2);
        series.Points[0].ClearMean();
        Assert.Equal(2, Assert.Single(Lineage.Of([series]).Kept).LastStep);
    }

    /// <summary>Each value is the attempt's number.</summary>
    private static MetricSeries Attempt(long attempt, int first, int last) => new()
    {
        Attempt = attempt,
        Points =
        {
            Enumerable.Range(first, last - first + 1)
                .Select(step => new MetricPoint { FirstStep = step, LastStep = step, Count = 1, Mean = attempt }),
        },
    };
}
