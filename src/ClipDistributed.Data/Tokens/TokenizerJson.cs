using System.Text.Encodings.Web;
using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Data.Tokens;

/// <summary>
/// The tokenizer.json of Hugging Face's tokenizers with a BPE model that marks the end of words. Cleaning is written as the
/// nearest normalizer that format knows (it has no HTML or ftfy step), from which the mode is read back.
/// </summary>
internal static class TokenizerJson
{
    public const string Name = "tokenizer.json";

    /// <summary>Our name of the special token, then the one in Hugging Face's copy of CLIP's vocabulary.</summary>
    public static readonly string[] StartNames = [WordScanner.StartOfText, "<|startoftext|>"];

    /// <inheritdoc cref="StartNames"/>
    public static readonly string[] EndNames = [WordScanner.EndOfText, "<|endoftext|>"];

    /// <summary>
    /// CLIP's pattern, see <see cref="WordScanner"/>; the long s is there by name since not every engine takes it for an s.
    /// </summary>
    private const string Words = @"(?i:<start_of_text>|<end_of_text>|'[s\u017f]|'t|'re|'ve|'m|'ll|'d)|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+";

    private static readonly JsonWriterOptions Layout = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(Stream stream, BpeVocabulary vocabulary, CleanMode clean)
    {
        using var json = new Utf8JsonWriter(stream, Layout);
        json.WriteStartObject();
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        Put(json, "added_tokens", new[]
        {
            AddedToken(vocabulary.StartOfText, WordScanner.StartOfText, clean),
            AddedToken(vocabulary.EndOfText, WordScanner.EndOfText, clean),
        });
        Put(json, "normalizer", new { type = "Sequence", normalizers = Normalizers(clean) });
        Put(json, "pre_tokenizer", new
        {
            type = "Sequence",
            pretokenizers = new object[]
            {
                new { type = "Split", pattern = new { Regex = Words }, behavior = "Removed", invert = true },
                new { type = "ByteLevel", add_prefix_space = false, trim_offsets = true, use_regex = false },
            },
        });
        Put(json, "post_processor", new
        {
            type = "RobertaProcessing",
            sep = new object[] { WordScanner.EndOfText, vocabulary.EndOfText },
            cls = new object[] { WordScanner.StartOfText, vocabulary.StartOfText },
            trim_offsets = false,
            add_prefix_space = false,
        });
        Put(json, "decoder", new { type = "ByteLevel", add_prefix_space = true, trim_offsets = true, use_regex = true });
        WriteModel(json, vocabulary);
        json.WriteEndObject();
    }

    /// <exception cref="BadInputException">No JSON, or not this layout; says what is missing.</exception>
    public static (BpeVocabulary Vocabulary, CleanMode Clean) Read(Stream stream, string file)
    {
        try
        {
            byte[] text = new byte[stream.Length - stream.Position];
            stream.ReadExactly(text);
            if (JsonBounds.Excess(text, maxMembers: 1_000) is { } excess)
                throw new BadInputException(
                    $"{file}: is not a tokenizer.json of a BPE model ({excess}); write one with clipd tokenizer train."
                );
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            var model = root.GetProperty("model");
            TokenizerShape.ThrowIfNotOfClip(root, file);
            var start = Special(root, StartNames);
            var end = Special(root, EndNames);
            var ids = new Dictionary<string, int>();
            foreach (var symbol in model.GetProperty("vocab").EnumerateObject())
            {
                bool special = symbol.NameEquals(start.Content) || symbol.NameEquals(end.Content);
                if (!special && !ids.TryAdd(symbol.Name, Id(symbol.Value)))
                    throw new BadInputException(
                        $"{file}: the symbol '{FileWords.Of(symbol.Name)}' is there twice in model.vocab; each has one id."
                    );
            }
            var merges = model.GetProperty("merges").EnumerateArray().Select(ReadMerge).ToList();
            return (new BpeVocabulary(ids, merges, start.Id, end.Id), CleanModeOf(root));
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new BadInputException(
                $"{file}: is not a tokenizer.json of a BPE model ({Why(wrong)}); write one with clipd tokenizer train.");
        }
    }

    /// <summary>Found in the cleaned text, as we do; but not where cleaning takes the brackets away and leaves plain words.</summary>
    public static object AddedToken(int id, string content, CleanMode clean)
    {
        bool normalized = clean != CleanMode.Canonicalize;
        return new { id, content, single_word = false, lstrip = false, rstrip = false, normalized, special = true };
    }

    private static object[] Normalizers(CleanMode clean)
    {
        object nfc = new { type = "NFC" };
        object lowerCase = new { type = "Lowercase" };
        object space = new { type = "Replace", pattern = new { Regex = @"\s+" }, content = " " };
        return clean switch
        {
            CleanMode.Lower => [nfc, space, lowerCase],
            CleanMode.Whitespace => [nfc, space],
            _ =>
            [
                nfc,
                new { type = "Replace", pattern = new { String = "_" }, content = " " },
                new { type = "Replace", pattern = new { Regex = @"[!-/:-@\[-`{-~]" }, content = "" },
                lowerCase,
                space,
            ],
        };
    }

    private static CleanMode CleanModeOf(JsonElement root)
    {
        string normalizer = root.TryGetProperty("normalizer", out var element) ? element.GetRawText() : "null";
        if (normalizer == "null")
            return CleanMode.Lower;
        if (!normalizer.Contains("\"Lowercase\"", StringComparison.Ordinal))
            return CleanMode.Whitespace;
        return normalizer.Contains("\"_\"", StringComparison.Ordinal) ? CleanMode.Canonicalize : CleanMode.Lower;
    }

    private static (string Content, int Id) Special(JsonElement root, string[] names)
    {
        foreach (var token in root.GetProperty("added_tokens").EnumerateArray())
        {
            if (token.GetProperty("content").GetString() is { } content && names.Contains(content))
                return (content, Id(token.GetProperty("id")));
        }
        throw new FormatException($"added_tokens has none of {string.Join(", ", names)}");
    }

    private static int Id(JsonElement value) =>
        value.TryGetInt32(out int id)
            ? id
            : throw new FormatException($"the id {FileWords.Of(value.GetRawText())} is not a whole number of 32 bits");

    /// <summary>"left right", or the pair as an array as newer versions write it.</summary>
    private static BpeMerge ReadMerge(JsonElement merge) => BpeMerge.Parse(merge.ValueKind == JsonValueKind.Array
        ? string.Join(' ', merge.EnumerateArray().Select(side => side.GetString()))
        : merge.GetString() ?? "");

    private static void WriteModel(Utf8JsonWriter json, BpeVocabulary vocabulary)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        json.WriteNull("unk_token");
        json.WriteString("continuing_subword_prefix", "");
        json.WriteString("end_of_word_suffix", ByteSymbols.EndOfWord);
        json.WriteBoolean("fuse_unk", false);
        json.WriteStartObject("vocab");
        foreach (var (symbol, id) in vocabulary.Ids.OrderBy(entry => entry.Value))
            json.WriteNumber(symbol, id);
        json.WriteNumber(WordScanner.StartOfText, vocabulary.StartOfText);
        json.WriteNumber(WordScanner.EndOfText, vocabulary.EndOfText);
        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach (var merge in vocabulary.Merges)
            json.WriteStringValue(merge.ToString());
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Put(Utf8JsonWriter json, string name, object value)
    {
        json.WritePropertyName(name);
        JsonSerializer.Serialize(json, value);
    }

    /// <summary>In our words: .NET's name its own types.</summary>
    private static string Why(Exception wrong) =>
        wrong switch
        {
            JsonException json =>
                $"line {json.LineNumber + 1}, byte {json.BytePositionInLine + 1} is not JSON, or is nested deeper than 64 levels",
            FormatException ours => ours.Message.ReplaceLineEndings(" "),
            KeyNotFoundException => "it lacks one of the keys model, model.type, model.vocab, model.merges, added_tokens",
            _ => "one of its values is of another type than there",
        };
}
