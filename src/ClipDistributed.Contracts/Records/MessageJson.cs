using System.Collections;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Contracts.Records;

/// <summary>
/// The fields of any message as properties of a JSON object, under their names in the proto: absent ones are left out, unknown ones
/// are ignored. The cases of a oneof are not fields of its message's object.
/// </summary>
internal static class MessageJson
{
    // Above it neighbouring whole numbers are the same double.
    private const double MaxExact = 1L << 53;

    /// <summary>Into an object that is open.</summary>
    public static void WriteFields(Utf8JsonWriter json, IMessage message)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (!IsProperty(field) || field.HasPresence && !field.Accessor.HasValue(message))
                continue;
            json.WritePropertyName(field.Name);
            Write(json, field.Accessor.GetValue(message));
        }
    }

    /// <summary>From an object whose start was read, to its end.</summary>
    /// <exception cref="JsonException">It is not an object, is torn, or a field's value is of another type.</exception>
    public static void ReadFields(ref Utf8JsonReader json, IMessage message)
    {
        if (json.TokenType != JsonTokenType.StartObject)
            throw new JsonException($"{message.Descriptor.Name} is an object");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            // No name of a field needs an escape.
            var field = json.ValueIsEscaped ? null : message.Descriptor.FindFieldByName(json.GetString()!);
            json.Read();
            if (field is null || !IsProperty(field))
                json.Skip();
            else if (field.IsRepeated)
                ReadList(ref json, field, (IList)field.Accessor.GetValue(message));
            else if (json.TokenType != JsonTokenType.Null || !field.HasPresence)
                field.Accessor.SetValue(message, Read(ref json, field));
        }
    }

    private static bool IsProperty(FieldDescriptor field) => field.RealContainingOneof is null;

    private static void Write(Utf8JsonWriter json, object value)
    {
        switch (value)
        {
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case double number:
                json.WriteStringValue(double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
                break;
            case int number:
                json.WriteNumberValue(number);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case bool isTrue:
                json.WriteBooleanValue(isTrue);
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case Timestamp time:
                json.WriteStringValue(time.ToDateTimeOffset());
                break;
            case IMessage inner:
                json.WriteStartObject();
                WriteFields(json, inner);
                json.WriteEndObject();
                break;
            case IList list:
                json.WriteStartArray();
                foreach (object item in list)
                    Write(json, item);
                json.WriteEndArray();
                break;
            default:
                throw new NotSupportedException($"No record has a field of type {value.GetType().Name} yet; add it here.");
        }
    }

    private static void ReadList(ref Utf8JsonReader json, FieldDescriptor field, IList list)
    {
        list.Clear(); // of two lists the last one counts
        if (json.TokenType == JsonTokenType.Null)
            return;
        if (json.TokenType != JsonTokenType.StartArray)
            throw new JsonException($"{field.Name} is a list");
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
            list.Add(Read(ref json, field));
    }

    private static object Read(ref Utf8JsonReader json, FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Double => ReadDouble(ref json),
        FieldType.Int32 => (int)ReadWhole(ref json, int.MinValue, int.MaxValue),
        FieldType.Int64 => ReadWhole(ref json, long.MinValue, long.MaxValue),
        FieldType.Bool when json.TokenType is JsonTokenType.True or JsonTokenType.False => json.GetBoolean(),
        FieldType.String => ReadText(ref json),
        FieldType.Message when field.MessageType == Timestamp.Descriptor => ReadTime(ref json),
        FieldType.Message => ReadMessage(ref json, field.MessageType),
        _ => throw new JsonException($"{field.Name} is of another type"),
    };

    private static IMessage ReadMessage(ref Utf8JsonReader json, MessageDescriptor type)
    {
        var inner = type.Parser.ParseFrom(ByteString.Empty);
        ReadFields(ref json, inner);
        return inner;
    }

    private static double ReadDouble(ref Utf8JsonReader json)
    {
        if (json.TokenType == JsonTokenType.Number && json.TryGetDouble(out double number))
            return number;
        return ReadText(ref json) switch
        {
            "NaN" => double.NaN,
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            _ => throw new JsonException("no number has this name"),
        };
    }

    /// <summary>Also 3.0, as programs write it whose tables hold only doubles.</summary>
    private static long ReadWhole(ref Utf8JsonReader json, long min, long max)
    {
        if (json.TokenType != JsonTokenType.Number)
            throw new JsonException("a whole number is not text");
        if (!json.TryGetInt64(out long whole))
        {
            if (!json.TryGetDouble(out double number) || !double.IsInteger(number) || Math.Abs(number) > MaxExact)
                throw new JsonException("the number is not whole, or too large");
            whole = (long)number;
        }
        return whole >= min && whole <= max ? whole : throw new JsonException("the number is too large");
    }

    /// <summary>The serializer calls a broken escape a <see cref="JsonException"/>; the reader does not.</summary>
    private static string ReadText(ref Utf8JsonReader json) =>
        json.TokenType == JsonTokenType.String ? JsonSerializer.Deserialize<string>(ref json)! : throw new JsonException("it is not text");

    private static Timestamp ReadTime(ref Utf8JsonReader json) =>
        json.TokenType == JsonTokenType.String && json.TryGetDateTimeOffset(out var time)
            ? Timestamp.FromDateTimeOffset(time)
            : throw new JsonException("it is no time");
}
