using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace ClipDistributed.Contracts.Records;

/// <summary>A message that is a oneof, as one JSON object: the name of the case is its <c>kind</c>, then come the case's fields.</summary>
internal static class OneofJson
{
    /// <summary>Into an object that is open. Nothing where no case is set.</summary>
    public static void WriteCase(Utf8JsonWriter json, IMessage message)
    {
        if (message.Descriptor.Oneofs[0].Accessor.GetCaseFieldDescriptor(message) is not { } set)
            return;
        json.WriteString("kind"u8, set.Name);
        MessageJson.WriteFields(json, (IMessage)set.Accessor.GetValue(message));
    }

    /// <returns>False: the line is torn, of a kind that is not among the cases, or a field of it is damaged.</returns>
    public static bool TryReadCase(string line, IMessage message)
    {
        if (!line.StartsWith('{')) // as most lines that a library prints
            return false;
        try
        {
            byte[] bytes = Encoding.UTF8.GetBytes(line);
            string? kind = KindOf(bytes);
            if (message.Descriptor.Oneofs[0].Fields.FirstOrDefault(field => field.Name == kind) is not { } found)
                return false;
            found.Accessor.SetValue(message, Read(bytes, found.MessageType));
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static IMessage Read(byte[] line, MessageDescriptor type)
    {
        var message = type.Parser.ParseFrom(ByteString.Empty);
        var json = new Utf8JsonReader(line);
        json.Read();
        MessageJson.ReadFields(ref json, message);
        json.Read(); // the end of the line, or it is none
        return message;
    }

    /// <summary>Usually the first property.</summary>
    private static string? KindOf(byte[] line)
    {
        var json = new Utf8JsonReader(line);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isKind = !json.ValueIsEscaped && json.ValueTextEquals("kind"u8);
            json.Read();
            if (isKind)
                return json.TokenType == JsonTokenType.String && !json.ValueIsEscaped ? json.GetString() : null;
            json.Skip();
        }
        return null;
    }
}
