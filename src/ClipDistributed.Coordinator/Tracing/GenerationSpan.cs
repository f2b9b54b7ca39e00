using System.Diagnostics;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Telemetry;

namespace ClipDistributed.Coordinator.Tracing;

/// <summary>A generation, from its announcement on: how it forms, trains and saves.</summary>
internal sealed class GenerationSpan
{
    private readonly RunSpans spans;
    private readonly GenerationRow row;
    private readonly Activity? span;
    private int attempt;
    private long lastStep;
    private (DateTime First, DateTime Last)? trained; // when its steps were recorded

    public GenerationSpan(RunSpans spans, GenerationRow row)
    {
        (this.spans, this.row, lastStep) = (spans, row, row.StartStep);
        span = spans.Begin(SpanNames.Generation, row.Announced)?.SetTag(SpanNames.GenerationNumber, row.Number)
            .SetTag(SpanNames.Replicas, row.Members.Split('\n').Length).SetTag(SpanNames.Term, row.Term);
    }

    /// <param name="at">When it was received.</param>
    public void OnRecord(RunRecord record, DateTime at)
    {
        switch (record.RecordCase)
        {
            case RunRecord.RecordOneofCase.Started:
                attempt = record.Started.Attempt;
                span?.SetTag(SpanNames.Attempt, attempt);
                break;
            case RunRecord.RecordOneofCase.Step:
                OnStep(record.Step, at);
                break;
            case RunRecord.RecordOneofCase.Checkpoint:
                var saved = record.Checkpoint;
                Add(SpanNames.SaveCheckpoint, (Before(at, saved.HeldSeconds + saved.WriteSeconds), at),
                    (SpanNames.Step, saved.Step), (SpanNames.SecondsHeld, saved.HeldSeconds));
                break;
            case RunRecord.RecordOneofCase.CheckpointSent:
                var sent = record.CheckpointSent;
                Add(SpanNames.SendCheckpoint, (Before(at, sent.Seconds), at), (SpanNames.Step, sent.Step));
                break;
        }
    }

    public void End(DateTime at)
    {
        if (trained is { } steps)
            Add(SpanNames.Train, steps, (SpanNames.Step, lastStep));
        span?.SetTag(SpanNames.Step, lastStep);
        RunSpans.End(span, at);
    }

    private void OnStep(StepMetrics step, DateTime at)
    {
        if (trained is null)
        {
            var began = Before(at, step.Seconds);
            Add(SpanNames.Form, (row.Announced, began > row.Announced ? began : row.Announced), (SpanNames.Step, row.StartStep));
            trained = (began, at);
        }
        (lastStep, trained) = (step.Step, trained.Value with { Last = at });
    }

    private void Add(string name, (DateTime From, DateTime To) time, params (string Name, object? Value)[] tags) =>
        spans.Add(name, time, span, [(SpanNames.GenerationNumber, row.Number), (SpanNames.Attempt, attempt), .. tags]);

    /// <summary>Seconds come from replicas: they may be any number.</summary>
    private static DateTime Before(DateTime moment, double seconds) =>
        seconds is > 0 and < 1e8 ? moment.AddSeconds(-seconds) : moment;
}
