using System.Text.Json;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Tars;

/// <summary>Values of the JSON member that img2dataset and others store beside an image.</summary>
internal static class JsonField
{
    /// <summary>The text or number of a name; null where there is none, or the bytes are not a JSON object.</summary>
    public static (string? Text, bool IsNumber) Find(ReadOnlyMemory<byte>? json, string name)
    {
        using var document = Parse(json);
        return document is not null && document.RootElement.TryGetProperty(name, out var value)
            ? value.ValueKind switch
            {
                JsonValueKind.String => (value.GetString(), false),
                JsonValueKind.Number => (value.GetRawText(), true),
                _ => (null, false),
            }
            : (null, false);
    }

    /// <summary>Of those that hold text or a number.</summary>
    public static IReadOnlyList<string> Names(ReadOnlyMemory<byte>? json)
    {
        using var document = Parse(json);
        return document is null
            ? []
            : [.. document.RootElement.EnumerateObject()
                .Where(value => value.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number).Select(value => value.Name)];
    }

    /// <summary>Null: it is longer than any that says something about an image.</summary>
    public static byte[]? Load(IByteSource source, TarPlace place)
    {
        if (place.Size > TarRows.MaxText)
            return null;
        byte[] bytes = new byte[place.Size];
        source.Read(place.Start, bytes);
        return bytes;
    }

    private static JsonDocument? Parse(ReadOnlyMemory<byte>? json)
    {
        if (json is null)
            return null;
        try
        {
            var document = JsonDocument.Parse(json.Value);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document;
            document.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null; // the row then has no caption
        }
    }
}
