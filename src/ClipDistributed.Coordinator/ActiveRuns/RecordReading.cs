using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>The little that the coordinator itself reads in records.</summary>
internal static class RecordReading
{
    /// <summary>The loss of a step; null where the record is of another kind, or the loss was not finite.</summary>
    public static double? LossOf(Struct record) => Number(record, "step", "loss");

    /// <summary>The number of a step; null where the record is of another kind.</summary>
    public static long? StepOf(Struct record) => (long?)Number(record, "step", "step");

    /// <summary>How long a step took; null where the record is of another kind.</summary>
    public static double? SecondsOf(Struct record) => Number(record, "step", "seconds");

    /// <summary>The applied step that an attempt begins or goes on from; null where the record is of another kind.</summary>
    public static long? StartOf(Struct record) => (long?)Number(record, "started", "step");

    /// <summary>The attempt that begins or goes on; null where the record is of another kind.</summary>
    public static long? AttemptOf(Struct record) => (long?)Number(record, "started", "attempt");

    /// <summary>A checkpoint was saved.</summary>
    public static bool IsCheckpoint(Struct record) => Number(record, "checkpoint", "step") is not null;

    private static double? Number(Struct record, string kind, string field) =>
        record.Fields.TryGetValue("kind", out var found) && found.StringValue == kind
        && record.Fields.TryGetValue(field, out var value)
        && value.KindCase == Value.KindOneofCase.NumberValue
        && double.IsFinite(value.NumberValue)
            ? value.NumberValue
            : null;
}
