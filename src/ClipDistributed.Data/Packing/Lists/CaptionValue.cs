using System.Text.Json;
using System.Text.RegularExpressions;

namespace ClipDistributed.Data.Packing.Lists;

/// <summary>The captions in a JSON value: a text, a list of texts, or objects that hold one, as COCO's annotations do.</summary>
internal static partial class CaptionValue
{
    private const string InPython = "has a list or dict in Python's notation as its caption; write it as JSON";

    private static readonly string[] TextNames = ["caption", "text", "raw", "sentence", "title", "description", "value"];

    /// <returns>At least one: a text, or why there is none.</returns>
    public static IEnumerable<(string? Text, string? Problem)> Of(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
            return [One(value)];
        if (value.GetArrayLength() == 0)
            return [(null, "has an empty list of captions")];
        return value.EnumerateArray().Select(item =>
            item.ValueKind == JsonValueKind.Array ? (null, "has lists in its list of captions") : One(item));
    }

    /// <summary>
    /// A cell of a CSV file may hold a list or an object as JSON: <c>["a cat", "a kitten"]</c>. Any other text is the caption.
    /// </summary>
    public static IEnumerable<(string? Text, string? Problem)> OfText(string? text)
    {
        string trimmed = text?.Trim() ?? "";
        bool mayBeJson = trimmed is ['[', .., ']'] or ['{', .., '}'];
        if (mayBeJson && OfJson(trimmed) is { } captions)
            return captions;
        return [mayBeJson && Python().IsMatch(trimmed) ? (null, InPython) : (text, null)];
    }

    private static IEnumerable<(string? Text, string? Problem)>? OfJson(string text)
    {
        if (JsonEscapes.HasLoneSurrogate(text))
            return null;
        try
        {
            using var json = JsonDocument.Parse(text);
            return [.. Of(json.RootElement)];
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static (string? Text, string? Problem) One(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => (value.GetString(), null),
        JsonValueKind.Null or JsonValueKind.Undefined => (null, "has null as its caption"),
        JsonValueKind.Number => (null, "has a number as its caption, not text"),
        JsonValueKind.True or JsonValueKind.False => (null, "has true or false as its caption, not text"),
        _ => InObject(value),
    };

    private static (string? Text, string? Problem) InObject(JsonElement value)
    {
        foreach (string name in TextNames)
        {
            if (!value.TryGetProperty(name, out var text))
                continue;
            bool isText = text.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array);
            return isText ? One(text) : (null, "has objects in objects as its caption");
        }
        return (null, "has an object without a text as its caption");
    }

    /// <summary>It begins and ends with a text in quotes, and is not JSON: one of the quotes is Python's.</summary>
    [GeneratedRegex("""^[\[{]{1,2}\s*('.*|"[^"]*"\s*[,:].*['"}]|"[^"]*"\s*[,:].*\b(None|True|False)\s*)[\]}]$""", RegexOptions.Singleline)]
    private static partial Regex Python();
}
