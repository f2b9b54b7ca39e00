using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Protos;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.Control.OpenApi;

/// <summary>JSON schemas of messages, in the form in which the transcoder reads and writes them.</summary>
internal sealed class ApiSchemas(ProtoComments comments)
{
    private const string NoUnit = "Unit: none."; // of a number of a spec

    private readonly SortedDictionary<string, JsonObject> written = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> owners = new(StringComparer.Ordinal); // full names, by the names in the document

    /// <summary>All that were referred to, and what these refer to.</summary>
    public JsonObject Components => new(written.Select(one => KeyValuePair.Create(one.Key, (JsonNode?)one.Value)));

    public JsonObject Reference(MessageDescriptor message)
    {
        string name = NameOf(message);
        if (written.TryAdd(name, [])) // first: a message may hold itself
            written[name] = Object(message.Fields.InDeclarationOrder(), comments.Of(message));
        return Pointer(name);
    }

    public JsonObject Object(IEnumerable<FieldDescriptor> fields, string description)
    {
        var schema = new JsonObject { ["type"] = "object" };
        if (description != "")
            schema["description"] = description;
        var properties = new JsonObject();
        foreach (var field in fields)
            properties[field.JsonName] = Described(field);
        if (properties.Count > 0)
            schema["properties"] = properties;
        return schema;
    }

    /// <summary>With its comment.</summary>
    public JsonObject Described(FieldDescriptor field)
    {
        var schema = Of(field);
        if (string.Join(' ', comments.LinesOf(field).Where(line => line != NoUnit)) is { Length: > 0 } text)
            schema["description"] = text;
        if (field.GetOptions()?.Deprecated == true)
            schema["deprecated"] = true;
        return schema;
    }

    private JsonObject Of(FieldDescriptor field)
    {
        if (field.IsMap)
            return new JsonObject
            {
                ["type"] = "object",
                ["additionalProperties"] = OfOne(field.MessageType.FindFieldByNumber(2)),
            };
        return field.IsRepeated ? new JsonObject { ["type"] = "array", ["items"] = OfOne(field) } : OfOne(field);
    }

    private JsonObject OfOne(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message or FieldType.Group => OfMessage(field.MessageType),
        FieldType.Enum => Reference(field.EnumType),
        FieldType.Bool => new JsonObject { ["type"] = "boolean" },
        FieldType.String => new JsonObject { ["type"] = "string" },
        FieldType.Bytes => new JsonObject { ["type"] = "string", ["contentEncoding"] = "base64" },
        FieldType.Double or FieldType.Float => new JsonObject
        {
            ["anyOf"] = new JsonArray(
                new JsonObject { ["type"] = "number" },
                new JsonObject { ["type"] = "string", ["enum"] = new JsonArray("NaN", "Infinity", "-Infinity") }),
        },
        FieldType.UInt32 or FieldType.Fixed32 => Whole("uint32", 0),
        FieldType.UInt64 or FieldType.Fixed64 => Whole("uint64", 0),
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => Whole("int64", null),
        _ => Whole("int32", null),
    };

    private JsonObject OfMessage(MessageDescriptor message) =>
        message.FullName == Timestamp.Descriptor.FullName ? new JsonObject { ["type"] = "string", ["format"] = "date-time" }
        : message.FullName == Duration.Descriptor.FullName
            ? new JsonObject { ["type"] = "string", ["pattern"] = "^-?[0-9]+(\\.[0-9]{1,9})?s$" }
        : message.File.Package == "google.protobuf" ? new JsonObject() // such as Any and Struct: anything
        : Reference(message);

    private JsonObject Reference(EnumDescriptor type)
    {
        string name = NameOf(type);
        written.TryAdd(name, new JsonObject
        {
            ["type"] = "string",
            ["description"] = string.Join('\n', Described(type)),
            ["enum"] = new JsonArray([.. type.Values.Select(value => (JsonNode)value.Name)]),
        });
        return Pointer(name);
    }

    private IEnumerable<string> Described(EnumDescriptor type)
    {
        if (comments.Of(type) is { Length: > 0 } text)
            yield return text;
        foreach (var value in type.Values)
        {
            if (comments.Of(value) is { Length: > 0 } meaning)
                yield return $"- `{value.Name}`: {meaning}";
        }
    }

    private static JsonObject Whole(string format, int? min)
    {
        var schema = new JsonObject { ["type"] = "integer", ["format"] = format };
        if (min is { } least)
            schema["minimum"] = least;
        return schema;
    }

    private static JsonObject Pointer(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };

    /// <summary>Without its package, unless another one has that name.</summary>
    private string NameOf(IDescriptor type)
    {
        string name = type.FullName[(type.File.Package.Length + 1)..];
        if (owners.TryAdd(name, type.FullName) || owners[name] == type.FullName)
            return name;
        return type.FullName;
    }
}
