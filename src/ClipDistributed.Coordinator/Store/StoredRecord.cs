using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.Store;

/// <summary>
/// The bytes of a record in the store: a <see cref="RunRecord"/>. Older coordinators wrote the fields of its line as a
/// google.protobuf.Struct.
/// </summary>
internal static class StoredRecord
{
    // Of a Struct each byte string begins with field 1 as a message; of a RunRecord that field is a number.
    private static readonly byte StructTag = (byte)WireFormat.MakeTag(Struct.FieldsFieldNumber, WireFormat.WireType.LengthDelimited);

    /// <returns>Without a case where the record is of a kind that is not known here.</returns>
    /// <exception cref="InvalidProtocolBufferException">The bytes are damaged.</exception>
    public static RunRecord Parse(byte[] stored) => stored.Length > 0 && stored[0] == StructTag
        ? RunRecordJson.TryParse(ToJson(Struct.Parser.ParseFrom(stored)).ToJsonString()) ?? new RunRecord()
        : RunRecord.Parser.ParseFrom(stored);

    private static JsonObject ToJson(Struct fields) =>
        new(fields.Fields.Select(field => KeyValuePair.Create(field.Key, ToJson(field.Value))));

    private static JsonNode? ToJson(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.NumberValue when double.IsFinite(value.NumberValue) => value.NumberValue,
        Value.KindOneofCase.StringValue => value.StringValue, // NaN too
        Value.KindOneofCase.BoolValue => value.BoolValue,
        Value.KindOneofCase.StructValue => ToJson(value.StructValue),
        Value.KindOneofCase.ListValue => new JsonArray([.. value.ListValue.Values.Select(ToJson)]),
        _ => null,
    };
}
