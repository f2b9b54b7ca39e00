using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace ClipDistributed.Coordinator.Tests.Control.Callers;

/// <summary>Messages of types that are known at run time alone, as proto3's JSON; of well-known types they have the fields.</summary>
internal static class DynamicMessage
{
    public static byte[] Write(JsonObject json, MessageDescriptor type)
    {
        using var bytes = new MemoryStream();
        using var output = new CodedOutputStream(bytes);
        foreach (var (name, value) in json)
        {
            var field = type.Fields.InDeclarationOrder().Single(known => known.JsonName == name);
            foreach (var item in Items(value))
                Write(output, field, item!);
        }
        output.Flush();
        return bytes.ToArray();
    }

    public static JsonObject Read(byte[] message, MessageDescriptor type)
    {
        var json = new JsonObject();
        using var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag && tag != 0)
        {
            if (type.FindFieldByNumber(WireFormat.GetTagFieldNumber(tag)) is not { } field)
            {
                input.SkipLastField();
                continue;
            }
            bool isPacked = field.IsRepeated && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited
                && field.FieldType is not (FieldType.Message or FieldType.String or FieldType.Bytes);
            using var packed = isPacked ? new CodedInputStream(input.ReadBytes().ToByteArray()) : null;
            do
                Add(json, field, Read(packed ?? input, field));
            while (packed is { IsAtEnd: false });
        }
        return json;
    }

    /// <summary>Of a list, or the value itself.</summary>
    public static IEnumerable<JsonNode?> Items(JsonNode? value) => value is JsonArray list ? list.AsEnumerable() : [value];

    private static void Add(JsonObject json, FieldDescriptor field, JsonNode value)
    {
        if (!field.IsRepeated)
            json[field.JsonName] = value;
        else if (json[field.JsonName] is JsonArray list)
            list.Add(value);
        else
            json[field.JsonName] = new JsonArray(value);
    }

    private static void Write(CodedOutputStream output, FieldDescriptor field, JsonNode value)
    {
        output.WriteTag(field.FieldNumber, field.FieldType switch
        {
            FieldType.Message or FieldType.String => WireFormat.WireType.LengthDelimited,
            FieldType.Double => WireFormat.WireType.Fixed64,
            _ => WireFormat.WireType.Varint,
        });
        switch (field.FieldType)
        {
            case FieldType.Message:
                output.WriteBytes(ByteString.CopyFrom(Write((JsonObject)value, field.MessageType)));
                break;
            case FieldType.String:
                output.WriteString(value.GetValue<string>());
                break;
            case FieldType.Double:
                output.WriteDouble((double)value);
                break;
            case FieldType.Bool:
                output.WriteBool((bool)value);
                break;
            case FieldType.Enum:
                output.WriteEnum(field.EnumType.FindValueByName(value.GetValue<string>()).Number);
                break;
            default: // proto3's JSON has numbers of 64 bits as text
                output.WriteUInt64(ulong.Parse($"{value}", System.Globalization.CultureInfo.InvariantCulture));
                break;
        }
    }

    private static JsonNode Read(CodedInputStream input, FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message => Read(input.ReadBytes().ToByteArray(), field.MessageType),
        FieldType.String => input.ReadString(),
        FieldType.Double => input.ReadDouble(),
        FieldType.Bool => input.ReadBool(),
        FieldType.Enum => field.EnumType.FindValueByNumber(input.ReadEnum())!.Name,
        FieldType.Bytes => input.ReadBytes().ToBase64(),
        _ => input.ReadInt64(),
    };
}
