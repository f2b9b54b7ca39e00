using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.Control.Rest;

/// <summary>
/// The values of a request, checked against the message that they become: the transcoder ignores fields that it does not know, and does
/// not say where a wrong value is. Values of enums may have their short names, as in a spec; null leaves a field open.
/// </summary>
/// <param name="errors">Receives what is wrong.</param>
internal sealed class JsonFields(List<InputError> errors)
{
    /// <summary>As the transcoder takes it; what it does not take is replaced.</summary>
    /// <param name="path">Of the object, with a dot at its end; empty: the request itself.</param>
    public void Check(JsonObject json, MessageDescriptor type, string path = "")
    {
        foreach (var (name, value) in json.ToList())
        {
            string at = path + name;
            if (Find(name, type.Fields.InDeclarationOrder(), path) is not { } field)
                continue;
            if (value is null)
                json.Remove(name);
            else if (field.IsRepeated)
                CheckList(value, field, at);
            else if (Checked(value, field, at) is var found && !ReferenceEquals(found, value))
                json[name] = found;
        }
    }

    /// <param name="path">Of the message that has the fields, as above.</param>
    /// <returns>Null: there is none of this name.</returns>
    public FieldDescriptor? Find(string name, IEnumerable<FieldDescriptor> fields, string path = "")
    {
        var known = fields.ToList();
        if (known.Find(field => field.JsonName == name || field.Name == name) is { } found)
            return found;
        string? near = Suggestion.Nearest(name, known.Select(field => field.JsonName));
        string all = known.Count == 0 ? "none" : string.Join(", ", known.Select(field => field.JsonName));
        errors.Add(new InputError(
            path + name,
            $"{Excerpt.Of(path + name)} is not known; {(near is null ? "known" : $"did you mean {path}{near}? Known")} here: {all}."));
        return null;
    }

    /// <summary>A value as text, as in a query.</summary>
    public string Checked(string text, FieldDescriptor field, string at)
    {
        JsonNode value = field.FieldType == FieldType.Bool && bool.TryParse(text, out bool flag)
            ? JsonValue.Create(flag) : JsonValue.Create(text);
        var found = Checked(value, field, at);
        return found.GetValueKind() == JsonValueKind.String ? found.GetValue<string>() : found.ToJsonString();
    }

    private void CheckList(JsonNode value, FieldDescriptor field, string path)
    {
        if (value is not JsonArray list)
        {
            errors.Add(Wrong(path, value, "a list"));
            return;
        }
        for (int i = 0; i < list.Count; i++)
        {
            string at = $"{path}[{i}]";
            if (list[i] is not { } item)
                errors.Add(new InputError(at, $"{at} is null; leave it out."));
            else if (Checked(item, field, at) is var found && !ReferenceEquals(found, item))
                list[i] = found;
        }
    }

    /// <returns>The same, or what replaces it.</returns>
    private JsonNode Checked(JsonNode value, FieldDescriptor field, string at)
    {
        if (field.FieldType == FieldType.Message && !IsTime(field) && value is JsonObject inner)
        {
            Check(inner, field.MessageType, $"{at}.");
            return value;
        }
        if (value is JsonValue single && Convert(single, field) is { } fits)
            return fits;
        errors.Add(Wrong(at, value, Expected(field)));
        return value;
    }

    /// <returns>Null: it is not a value of this field.</returns>
    private static JsonValue? Convert(JsonValue value, FieldDescriptor field)
    {
        string? text = value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
        bool isNumber = value.GetValueKind() == JsonValueKind.Number;
        string digits = text ?? (isNumber ? value.ToJsonString() : "");
        return field.FieldType switch
        {
            FieldType.String => text is null ? null : value,
            FieldType.Bytes => text is not null && Base64.IsValid(text) ? value : null,
            FieldType.Bool => value.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? value : null,
            FieldType.Int32 => int.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
                ? JsonValue.Create(number) : null,
            FieldType.UInt32 => uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
                ? JsonValue.Create(number) : null,
            FieldType.Int64 => long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
                ? JsonValue.Create(number) : null,
            FieldType.UInt64 => ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
                ? JsonValue.Create(number) : null,
            FieldType.Double => double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                && double.IsFinite(number) ? JsonValue.Create(number) : null,
            FieldType.Enum => field.EnumType.Values.FirstOrDefault(known => text == known.Name || text == EnumNames.Short(known))
                is { } named ? JsonValue.Create(named.Name) : null,
            FieldType.Message => text is not null && IsTime(field) && IsTime(value) ? value : null,
            _ => null,
        };
    }

    private static bool IsTime(FieldDescriptor field) => field.MessageType.FullName == Timestamp.Descriptor.FullName;

    private static bool IsTime(JsonValue text)
    {
        try
        {
            Timestamp.Parser.ParseJson(text.ToJsonString());
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    private static string Expected(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message when IsTime(field) => "a time, as in 2026-01-31T12:00:00Z",
        FieldType.Message => "an object",
        FieldType.String => "text",
        FieldType.Bytes => "bytes in base64",
        FieldType.Bool => "true or false",
        FieldType.Double => "a number",
        FieldType.Enum => string.Join(" or ", field.EnumType.Values.Where(value => value.Number != 0).Select(EnumNames.Short)),
        FieldType.UInt32 or FieldType.UInt64 => "a whole number, 0 or more",
        _ => "a whole number",
    };

    private static InputError Wrong(string at, JsonNode value, string expected) =>
        new(at, $"{at} is {Excerpt.Of(value.ToJsonString())}; use {expected}.");
}
