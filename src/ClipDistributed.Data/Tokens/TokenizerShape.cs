using System.Text.Json;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Tokens;

/// <summary>
/// Whether a tokenizer.json cleans and cuts text as CLIP's does. Another one with the same sort of vocabulary would load, and give
/// other ids than its own model was trained with.
/// </summary>
internal static class TokenizerShape
{
    private const string WordsOfClip = @"[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+";

    private static readonly string[] KnownNormalizers = ["Sequence", "NFC", "Lowercase", "Replace", "Strip"];
    private static readonly string[] KnownCuts = ["Sequence", "Split", "ByteLevel"];

    /// <exception cref="BadInputException">It does not; names the part that differs.</exception>
    /// <exception cref="KeyNotFoundException">A part is missing.</exception>
    public static void ThrowIfNotOfClip(JsonElement root, string file)
    {
        var model = root.GetProperty("model");
        string type = model.GetProperty("type").GetString() ?? "none";
        if (type != "BPE" || SuffixOf(model) != ByteSymbols.EndOfWord)
            throw new BadInputException(
                $"{file}: the model is not BPE with the end_of_word_suffix {ByteSymbols.EndOfWord} but "
                    + $"{(type == "BPE" ? $"BPE with '{FileWords.Of(SuffixOf(model))}'" : FileWords.Of(type))}; only CLIP's sort is read."
            );
        if (
            model.TryGetProperty("continuing_subword_prefix", out var prefix)
            && prefix.ValueKind == JsonValueKind.String
            && prefix.GetString() != ""
        )
            throw Other(file, $"has the continuing_subword_prefix '{FileWords.Of(prefix.GetString()!)}'");
        foreach (string normalizer in Types(root, "normalizer").Except(KnownNormalizers))
            throw Other(file, $"cleans text by the normalizer {FileWords.Of(normalizer)}");
        foreach (string cut in Types(root, "pre_tokenizer").Except(KnownCuts))
            throw Other(file, $"cuts text by the pre_tokenizer {FileWords.Of(cut)}");
        if (Types(root, "pre_tokenizer") is { Count: > 0 } cuts && !cuts.Contains("ByteLevel"))
            throw Other(file, "writes words in characters, not in bytes (its pre_tokenizer has no ByteLevel)");
        foreach (string pattern in Patterns(root).Where(pattern => !pattern.EndsWith(WordsOfClip, StringComparison.Ordinal)))
            throw Other(file, $"cuts words by the pattern {FileWords.Of(pattern)}");
    }

    private static string SuffixOf(JsonElement model) =>
        model.GetProperty("end_of_word_suffix") is { ValueKind: JsonValueKind.String } suffix ? suffix.GetString()! : "";

    private static BadInputException Other(string file, string what) =>
        new($"{file}: {what}, which CLIP's tokenizer does not; only CLIP's sort is read.");

    private static List<string> Types(JsonElement root, string part)
    {
        var types = new List<string>();
        if (root.TryGetProperty(part, out var element))
            Collect(element, "type", types);
        return types;
    }

    private static List<string> Patterns(JsonElement root)
    {
        var patterns = new List<string>();
        if (root.TryGetProperty("pre_tokenizer", out var element))
            Collect(element, "Regex", patterns);
        return patterns;
    }

    private static void Collect(JsonElement element, string name, List<string> values)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
                Collect(item, name, values);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject())
            {
                if (property.NameEquals(name) && property.Value.ValueKind == JsonValueKind.String)
                    values.Add(property.Value.GetString()!);
                else
                    Collect(property.Value, name, values);
            }
        }
    }
}
