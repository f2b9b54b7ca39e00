using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Dashboard.History;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Dashboard.Tests.History;

public sealed class TimeRibbonTests
{
    private static readonly DateTime Start = new(2026, 11, 30, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Of_RunWithAllKindsOfTime_GivesEachItsSeconds()
    {
        StepSpan[] spans =
        [
            new(At(20), 10, 4), // 10 s before the first step
            new(At(40), 15, 0), // 2 s were saved, the rest of 3 s evaluated
            new(At(100), 20, 0), // an incident took 40 s
        ];
        Incident[] incidents = [new() { Opened = Time(45), Closed = Time(90), SecondsLost = 45 }];
        RunRecord[] events =
        [
            new() { Time = Time(30), Checkpoint = new CheckpointSaved { HeldSeconds = 2 } },
            new() { Time = Time(31), Evaluation = new EvaluationMetrics { Step = 3 } },
        ];
        var ribbon = TimeRibbon.Of((Start, At(110)), spans, incidents, events, count: 11);

        Assert.Equal(41, ribbon.Totals[(int)TimeKind.Useful], 6);
        Assert.Equal(4, ribbon.Totals[(int)TimeKind.Data], 6);
        Assert.Equal(2, ribbon.Totals[(int)TimeKind.Saving], 6);
        Assert.Equal(3, ribbon.Totals[(int)TimeKind.Evaluating], 6);
        Assert.Equal(40, ribbon.Totals[(int)TimeKind.Recovering], 6);
        Assert.Equal(20, ribbon.Totals[(int)TimeKind.Idle], 6); // before the first step, after the last one
        Assert.Equal(110, ribbon.Totals.Sum(), 6);
        Assert.All(ribbon.Slices, slice => Assert.Equal(1, slice.Sum(), 6));
        Assert.Equal(1, ribbon.Slices[^1][(int)TimeKind.Idle], 6);
    }

    [Fact]
    public void Of_IncidentThatGoesOn_IsRecoveringUntilNow()
    {
        Incident[] incidents = [new() { Opened = Time(50) }];
        var ribbon = TimeRibbon.Of((Start, At(100)), [new StepSpan(At(50), 50, 0)], incidents, [], count: 2);
        Assert.Equal((50, 50), (ribbon.Totals[(int)TimeKind.Useful], ribbon.Totals[(int)TimeKind.Recovering]));
        Assert.Equal(1, ribbon.Slices[1][(int)TimeKind.Recovering], 6);
    }

    [Fact]
    public void Of_RunWithoutTime_HasNoShares()
    {
        var ribbon = TimeRibbon.Of((Start, Start), [new StepSpan(At(-5), 3, 1)], [], [], count: 3);
        Assert.Equal(0, ribbon.Totals.Sum());
        Assert.All(ribbon.Slices, slice => Assert.Equal(0, slice.Sum()));
    }

    private static DateTime At(double seconds) => Start.AddSeconds(seconds);

    private static Timestamp Time(double seconds) => At(seconds).ToTimestamp();
}
