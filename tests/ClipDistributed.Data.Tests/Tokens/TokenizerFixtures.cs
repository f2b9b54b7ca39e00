using System.IO.Compression;
using System.Text.Json;
using ClipDistributed.Data.Tokens;

namespace ClipDistributed.Data.Tests.Tokens;

/// <summary>The golden cases, a small trained tokenizer, and files that are written for a test.</summary>
internal static class TokenizerFixtures
{
    public const string VocabularyVariable = "CLIPD_BPE_VOCAB";

    public static JsonElement Read(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Fixtures.File("tokenizer", name)));
        return document.RootElement.Clone();
    }

    /// <summary>Those that need no repair of a wrong encoding.</summary>
    public static List<JsonElement> Cases() =>
        [.. Read("cases.json").GetProperty("cases").EnumerateArray().Where(one => !one.GetProperty("needs_mojibake_repair").GetBoolean())];

    public static int[] Ids(JsonElement element) => [.. element.EnumerateArray().Select(id => id.GetInt32())];

    /// <summary>Skips the test where OpenAI's vocabulary is not at hand.</summary>
    public static ClipTokenizer OpenAi(CleanMode clean = CleanMode.Lower)
    {
        string? path = Environment.GetEnvironmentVariable(VocabularyVariable);
        Assert.SkipWhen(string.IsNullOrEmpty(path), $"{VocabularyVariable} is not set to OpenAI's bpe_simple_vocab_16e6.txt.gz");
        return ClipTokenizer.Load(path!, clean);
    }

    /// <summary>Captions with repeated and rare words, punctuation, digits and other scripts.</summary>
    public static List<string> Captions()
    {
        string[] things =
        [
            "cat",
            "catalogue",
            "lighthouse",
            "light",
            "house",
            "naïve café",
            "東京タワー",
            "Ёлка",
            "dog's bowl",
            "1970s kitchen",
        ];
        string[] places = ["on a beach", "in the snow!", "at night, 4k", "under a bridge", "(c) 2021"];
        return
        [
            .. things.SelectMany(
                (thing, i) =>
                    places.Select((place, j) => string.Concat(Enumerable.Repeat($"A photo of a {thing} {place} ", 1 + ((i + j) % 3))))
            ),
        ];
    }

    public static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var writer = new StreamWriter(new GZipStream(packed, CompressionLevel.Fastest)))
            writer.Write(text);
        return packed.ToArray();
    }
}
