using System.Buffers;
using System.Text;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Contracts.Runs;

/// <summary>
/// Messages of a replica as the records that go over gRPC, and back. The fields are those of the line of JSON; what comes
/// back is equal: every double, not-a-number included, and every whole number up to 2^53, which is all that a Struct holds.
/// </summary>
public static class RunRecords
{
    private const string Kind = "kind";

    // Above it neighbouring whole numbers are the same double.
    private const double LargestExact = 1L << 53;

    public static Struct ToStruct(ReplicaMessage message) => Struct.Parser.ParseJson(message.ToJson());

    /// <returns>Null where the record is not of a kind that is known here: a newer coordinator may know more.</returns>
    public static ReplicaMessage? Parse(Struct record)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
            WriteObject(json, record);
        return ReplicaMessage.TryParse(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static void WriteObject(Utf8JsonWriter json, Struct record)
    {
        json.WriteStartObject();
        // First: it says which message the others are the fields of.
        foreach (var (name, value) in record.Fields.OrderByDescending(field => field.Key == Kind))
        {
            json.WritePropertyName(name);
            Write(json, value);
        }
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Value value)
    {
        switch (value.KindCase)
        {
            case Value.KindOneofCase.NumberValue:
                WriteNumber(json, value.NumberValue);
                break;
            case Value.KindOneofCase.StringValue:
                json.WriteStringValue(value.StringValue);
                break;
            case Value.KindOneofCase.BoolValue:
                json.WriteBooleanValue(value.BoolValue);
                break;
            case Value.KindOneofCase.StructValue:
                WriteObject(json, value.StructValue);
                break;
            case Value.KindOneofCase.ListValue:
                json.WriteStartArray();
                foreach (var item in value.ListValue.Values)
                    Write(json, item);
                json.WriteEndArray();
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }

    /// <summary>A whole number without exponent, as a long is read; −0 and fractions in their shortest exact form.</summary>
    private static void WriteNumber(Utf8JsonWriter json, double number)
    {
        if (!double.IsFinite(number))
            json.WriteStringValue(double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
        else if (double.IsInteger(number) && Math.Abs(number) <= LargestExact && !(number == 0 && double.IsNegative(number)))
            json.WriteNumberValue((long)number);
        else
            json.WriteNumberValue(number);
    }
}
