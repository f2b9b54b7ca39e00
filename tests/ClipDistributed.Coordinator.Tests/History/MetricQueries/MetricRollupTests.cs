using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.History.MetricQueries;
using Google.Protobuf;

namespace ClipDistributed.Coordinator.Tests.History.MetricQueries;

public sealed class MetricRollupTests
{
    private const int Narrow = 16, Wide = 64;

    private static readonly DateTime Recorded = new(2026, 11, 30, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Add_StepsOfSeveralBuckets_ClosesThoseThatAreFull()
    {
        var rollup = new MetricRollup("demo-1", attempt: 1);
        for (long step = 1; step <= Wide + 1; step++)
            rollup.Add(Step(step, loss: step), sequence: 10 + step, Recorded);

        Assert.Equal(Wide / Narrow, rollup.Full.Count(row => row.Width == Narrow));
        var wide = Assert.Single(rollup.Full, row => row.Width == Wide);
        Assert.Equal((0, 11, 10 + Wide), (wide.Bucket, wide.FirstSequence, wide.LastSequence));
        var loss = StepSummary.Parse(wide.Summary).Point(MetricFields.Find("loss"))!;
        Assert.Equal((1, 64, 64, 1, 32.5, 64, 64), (loss.FirstStep, loss.LastStep, loss.Count, loss.Min, loss.Mean, loss.Max, loss.Last));
        Assert.Equal((65, 1), (rollup.Open(Narrow)!.Summary.LastStep, rollup.Open(Wide)!.Number));
    }

    [Fact]
    public void Add_AnotherAttempt_BeginsABucketOfItsOwn()
    {
        var rollup = new MetricRollup("demo-1", attempt: 1);
        rollup.Add(Step(3, loss: 1), 1, Recorded);
        rollup.Add(new RunRecord { Started = new RunStarted { Attempt = 2, Step = 2 } }, 2, Recorded);
        rollup.Add(Step(3, loss: 9), 3, Recorded);

        Assert.All(rollup.Full, row => Assert.Equal(1, row.Attempt));
        var open = rollup.Open(Narrow)!;
        Assert.Equal((2, 3, 9), (open.Attempt, open.FirstSequence, Loss(open).Max));
    }

    [Fact]
    public void Restore_NarrowOnesOfAnOpenWideOne_GoesOnAsIfItHadNotStopped()
    {
        var whole = new MetricRollup("demo-1", attempt: 1);
        var before = new MetricRollup("demo-1", attempt: 1);
        var after = new MetricRollup("demo-1", attempt: 1);
        for (long step = 1; step <= 40; step++)
        {
            whole.Add(Step(step, loss: step), step, Recorded);
            before.Add(Step(step, loss: step), step, Recorded);
        }
        var stored = before.Full.Where(row => row.Width == Narrow).ToList();
        foreach (var row in stored)
            after.Restore(Wide, row);
        for (long step = stored[^1].LastSequence + 1; step <= 40; step++)
            after.Add(Step(step, loss: step), step, Recorded);

        Assert.Equal(Loss(whole.Open(Wide)!), Loss(after.Open(Wide)!));
        Assert.Equal(Loss(whole.Open(Narrow)!), Loss(after.Open(Narrow)!));
    }

    [Fact]
    public void Point_ValuesThatAreNotFinite_AreCountedApart()
    {
        var summary = new StepSummary();
        foreach (double loss in (double[])[3, double.NaN, 1, double.PositiveInfinity])
            summary.Add(Step(1, loss).Step, Recorded);

        var point = summary.Point(MetricFields.Find("loss"))!;

        Assert.Equal((2, 2), (point.Count, point.NonFinite));
        Assert.Equal((1, 2, 3, double.PositiveInfinity), (point.Min, point.Mean, point.Max, point.Last));
        Assert.Null(summary.Point(MetricFields.Find("split.data")));
    }

    [Fact]
    public void Point_Flops_AreOfStepsThatHaveThem()
    {
        var summary = new StepSummary();
        summary.Add(Step(1, loss: 1).Step, Recorded);
        Assert.Null(summary.Point(MetricFields.Find("flops")));
        summary.Add(new StepMetrics { Step = 2, Flops = 5e9 }, Recorded);
        Assert.Equal((1, 5e9), summary.Point(MetricFields.Find("flops")) is { } point ? (point.Count, point.Mean) : default);
    }

    [Fact]
    public void Point_Time_IsWhenTheStepsWereRecorded()
    {
        var summary = new StepSummary();
        summary.Add(Step(1, loss: 1).Step, Recorded);
        summary.Add(Step(2, loss: 1).Step, Recorded.AddSeconds(10));
        var point = summary.Point(MetricFields.Find("time"))!;
        double first = new DateTimeOffset(Recorded).ToUnixTimeSeconds();
        Assert.Equal((first, first + 5, first + 10), (point.Min, point.Mean, point.Last));
    }

    [Fact]
    public void Parse_SummaryOfAnOlderProgram_HasNoValueOfNewMetrics()
    {
        var old = new MetricSummary
        {
            Counts = { 1 }, NonFinites = { 0 }, Mins = { 2 }, Sums = { 2 }, Maxes = { 2 }, Lasts = { 2 }, FirstStep = 1, LastStep = 1,
        };
        var summary = StepSummary.Parse(old.ToByteArray());
        Assert.Equal(2, summary.Point(0)!.Mean);
        Assert.Null(summary.Point(1));
    }

    internal static RunRecord Step(long step, double loss) => new() { Step = new StepMetrics { Step = step, Loss = loss } };

    private static Contracts.Control.V1.MetricPoint Loss(OpenBucket bucket) => bucket.Summary.Point(MetricFields.Find("loss"))!;
}
