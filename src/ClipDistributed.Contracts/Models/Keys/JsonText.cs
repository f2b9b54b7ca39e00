using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Models.Keys;

/// <summary>Reads a config's JSON and the values in it; a mistake is named by its key, with what is allowed there.</summary>
internal static class JsonText
{
    private const int MaxMembers = 10_000;

    /// <exception cref="BadInputException">The text is not one object, or has a key twice.</exception>
    public static JsonObject Parse(string json, string source)
    {
        try
        {
            if (JsonBounds.Excess(Encoding.UTF8.GetBytes(json), MaxMembers) is { } excess)
                throw new BadInputException($"{source} cannot be read: {excess}.");
            return JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject
                ?? throw new BadInputException($"{source} is not an object of keys and values; a model config is one.");
        }
        catch (JsonException wrong)
        {
            throw new BadInputException(
                $"{source} is not valid JSON at line {wrong.LineNumber + 1}, byte "
                    + $"{wrong.BytePositionInLine + 1}; look for a missing bracket, quote or comma, or a key that is there twice."
            );
        }
    }

    public static int? Whole(JsonNode? value) =>
        Number(value) is { } number && number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue ? (int)number : null;

    public static double? Number(JsonNode? value) =>
        value?.GetValueKind() == JsonValueKind.Number && value.AsValue().TryGetValue(out double number) && double.IsFinite(number)
            ? number
            : null;

    public static bool? Flag(JsonNode? value) =>
        value?.GetValueKind() switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null };

    public static string? Text(JsonNode? value) => value?.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    /// <summary>A side, or two equal ones as <c>[224, 224]</c>.</summary>
    public static int? Side(JsonNode? value) => value is JsonArray { Count: 1 or 2 } sides
        ? sides.Select(Whole).Distinct().ToList() is [{ } side] ? side : null
        : Whole(value);

    public static double[]? Numbers(JsonNode? value) =>
        value is JsonArray items && items.Select(Number).ToList() is var numbers && numbers.All(number => number is not null)
            ? [.. numbers.Select(number => number!.Value)]
            : null;

    /// <summary>As it may stand in a message.</summary>
    public static string Shown(JsonNode? value) => FileWords.Of(value?.ToJsonString() ?? "null", 100);
}
