using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Dashboard.History;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Dashboard.Tests.History;

public sealed class ChartEventsTests
{
    private static readonly Timestamp At = new() { Seconds = 1_800_000_000, Nanos = 500_000_000 };

    [Fact]
    public void Of_Evaluations_AreACurveForEachSource()
    {
        var events = ChartEvents.Of([ZeroShot("cifar", 10, 0.3), ZeroShot("pets\u202E", 10, 0.5), ZeroShot("cifar", 20, 0.4)], []);
        Assert.Equal(["cifar", @"pets\u202E"], events.Curves.Select(curve => curve.Name), StringComparer.OrdinalIgnoreCase);
        Assert.Equal([(10, 0.3), (20, 0.4)], events.Curves[0].Points.Select(point => (point.Step, point.Value)));
        Assert.Equal((1_800_000_000.5, 80), (events.Curves[0].Points[0].Time, events.Curves[0].Points[0].Samples));
    }

    [Fact]
    public void Of_RunThatWasRolledBack_HasTheNewAttemptsEvaluations()
    {
        var events = ChartEvents.Of([ZeroShot("a", 10, 0.1), ZeroShot("a", 20, 0.2), ZeroShot("a", 15, 0.9)], []);
        Assert.Equal([(10, 0.1), (15, 0.9)], Assert.Single(events.Curves).Points.Select(point => (point.Step, point.Value)));
    }

    [Fact]
    public void Of_WhatHappened_AreMarks()
    {
        RunRecord[] records =
        [
            new() { Time = At, Started = new RunStarted { Attempt = 1 } }, // the beginning is none
            new() { Time = At, Checkpoint = new CheckpointSaved { Step = 30 } },
            new() { Time = At, Started = new RunStarted { Attempt = 2, Step = 30 } },
        ];
        var marks = ChartEvents.Of(records, [new Incident { Kind = IncidentKind.ReplicaLost, Opened = At }]).Marks;
        Assert.Equal(
            [("checkpoint", 30L), ("start", 30L), ("incident", null)], marks.Select(mark => (mark.Kind, mark.Step)));
        Assert.Equal("replica lost", marks[^1].Text);
    }

    [Fact]
    public void Of_ManyCheckpoints_MarksTheNewest()
    {
        var many = Enumerable.Range(1, 500).Select(step => new RunRecord { Time = At, Checkpoint = new CheckpointSaved { Step = step } });
        var marks = ChartEvents.Of([.. many], []).Marks;
        Assert.Equal((60, 500), (marks.Count, marks[^1].Step));
    }

    private static RunRecord ZeroShot(string source, long step, double top1) => new()
    {
        Time = At, Evaluation = new EvaluationMetrics { Source = source, Step = step, Samples = 8 * step, Top1 = top1 },
    };
}
