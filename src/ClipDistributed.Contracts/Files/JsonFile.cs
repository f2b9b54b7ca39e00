using System.Text.Json;
using System.Text.Unicode;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Contracts.Files;

/// <summary>
/// Reads a JSON file that this program has written and that may have been damaged since: cut off, overwritten, replaced by
/// something else. Whatever is wrong with it is one error with the place and the remedy.
/// </summary>
public static class JsonFile
{
    private const int MaxShown = 60;

    /// <param name="remedy">What to do where it is damaged; ends the error.</param>
    /// <param name="limit">Bytes at most.</param>
    /// <param name="check">Says what is wrong with values that have the right type; null: nothing.</param>
    /// <exception cref="BadInputException">It cannot be read, or is not what it should be.</exception>
    public static T Read<T>(string path, JsonSerializerOptions json, string remedy, long limit, Func<T, string?>? check = null)
        where T : class
    {
        byte[] bytes = InputFile.ReadBytes(path, null, limit);
        if (Parse(bytes, json, check, out var value) is { } damage)
            throw new BadInputException($"{path} is damaged ({damage}); {remedy}.");
        return value!;
    }

    /// <returns>What is wrong; null: nothing.</returns>
    public static string? Parse<T>(ReadOnlySpan<byte> bytes, JsonSerializerOptions json, Func<T, string?>? check, out T? value)
        where T : class
    {
        value = null;
        if (bytes.StartsWith("\uFEFF"u8))
            bytes = bytes[3..];
        if (bytes.IsEmpty)
            return "it is empty";
        if (!Utf8.IsValid(bytes))
            return "it is not text in UTF-8";
        try
        {
            value = JsonSerializer.Deserialize<T>(bytes, json);
        }
        catch (JsonException wrong)
        {
            string place = wrong.Path is { Length: > 1 } at ? $" at {Shown(at)}" : "";
            return $"line {wrong.LineNumber + 1} is not what was written there{place}";
        }
        return value is null ? "it holds null" : check?.Invoke(value);
    }

    private static string Shown(string path) => ControlText.Escape(FileWords.Of(path, MaxShown));
}
