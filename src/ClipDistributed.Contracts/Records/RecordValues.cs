using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Run.V1;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Contracts.Records;

/// <summary>What follows from the fields of records.</summary>
public static class RecordValues
{
    extension(RunRecord record)
    {
        /// <summary>Whether the record belongs to metrics.jsonl; else it is an event.</summary>
        public bool IsMetrics => record.RecordCase is RunRecord.RecordOneofCase.Step or RunRecord.RecordOneofCase.Evaluation
            or RunRecord.RecordOneofCase.Retrieval;

        /// <summary>The record as this program writes it down.</summary>
        /// <param name="host">As the coordinator names it, else the machine's name.</param>
        public RunRecord Stamped(DateTimeOffset time, string host) =>
            new(record) { Time = Timestamp.FromDateTimeOffset(time), Host = host, Version = ProgramVersion.Text };
    }

    extension(StepMetrics step)
    {
        /// <summary>The step's part of a run's useful time; 0 where a damaged record says none.</summary>
        public double CountedSeconds => double.IsFinite(step.Seconds) ? step.Seconds : 0;
    }

    extension(StepSplit split)
    {
        /// <summary>Seconds without what was waited for other replicas.</summary>
        public double Busy => split.Data + split.Forward + split.Loss + split.Backward + split.Optimizer;
    }

    extension(EvaluationMetrics evaluation)
    {
        /// <summary>Top-1 of a blind choice, 0 to 1; null where the classes are not known.</summary>
        public double? Chance => evaluation is { HasClasses: true, Classes: > 0 and var classes } ? 1.0 / classes : null;
    }
}
