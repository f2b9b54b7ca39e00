using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>The little that the coordinator itself reads in records.</summary>
internal static class RecordReading
{
    /// <summary>The loss of a step; null where the record is of another kind, or the loss was not finite.</summary>
    public static double? LossOf(Struct record) =>
        record.Fields.TryGetValue("kind", out var kind) && kind.StringValue == "step"
        && record.Fields.TryGetValue("loss", out var loss) && loss.KindCase == Value.KindOneofCase.NumberValue && double.IsFinite(loss.NumberValue)
            ? loss.NumberValue
            : null;
}
