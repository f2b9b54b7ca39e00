using System.Collections;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Runs;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Enum = System.Enum;

namespace ClipDistributed.Cli.Tables;

/// <summary>
/// What <c>-o json</c> prints: messages under the names of their protos, numbers as numbers, names of enums in lower case, times in
/// ISO 8601; what is absent is null, so that every object of a kind has the same keys.
/// </summary>
internal static class JsonOutput
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Indented = new(Compact) { WriteIndented = true };

    public static void Write(JsonNode node) => Console.WriteLine(node.ToJsonString(Indented));

    /// <summary>For commands that print an object for each result as it comes.</summary>
    public static void WriteLine(JsonNode node) => Console.WriteLine(node.ToJsonString(Compact));

    public static JsonArray Of(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)JsonValue.Create(text))];

    public static void Write(IEnumerable<IMessage> messages) => Write(Of(messages));

    public static JsonArray Of(IEnumerable<IMessage> messages) => [.. messages.Select(Of)];

    public static JsonNode Of(IMessage message)
    {
        var json = new JsonObject();
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            object? value = field.HasPresence && !field.Accessor.HasValue(message) ? null : field.Accessor.GetValue(message);
            json[field.Name] = field.IsRepeated
                ? new JsonArray([.. ((IList)value!).Cast<object>().Select(item => Of(field, item))])
                : Of(field, value);
        }
        return json;
    }

    private static JsonNode? Of(FieldDescriptor field, object? value) => value switch
    {
        null or "" => null,
        Timestamp time => JsonValue.Create(UtcTime.Iso(time.ToDateTimeOffset())),
        IMessage child => Of(child),
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        Enum => Name(field, Convert.ToInt32(value, CultureInfo.InvariantCulture)),
        double number =>
            double.IsFinite(number) ? JsonValue.Create(number) : JsonValue.Create(number.ToString(CultureInfo.InvariantCulture)),
        ulong number => JsonValue.Create(number),
        _ => JsonValue.Create(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
    };

    /// <summary>As in <c>running</c>: without the enum's own name before it. The first one means that it is not known.</summary>
    private static JsonValue? Name(FieldDescriptor field, int number)
    {
        if (number == 0)
            return null;
        string prefix = field.EnumType.Values[0].Name[..^"UNSPECIFIED".Length];
        return JsonValue.Create(
            field.EnumType.FindValueByNumber(number)?.Name[prefix.Length..].ToLowerInvariant()
                ?? number.ToString(CultureInfo.InvariantCulture)
        );
    }
}
