using System.Text.Encodings.Web;
using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Data.Tokens;

/// <summary>
/// The two files of Hugging Face's CLIPTokenizer: <c>vocab.json</c>, symbols with their ids, and <c>merges.txt</c>, a comment line and
/// then a merge a line. They say nothing of cleaning; CLIP's is lower case.
/// </summary>
internal static class VocabularyFiles
{
    public const string Symbols = "vocab.json";
    public const string Merges = "merges.txt";

    public static bool AreIn(string folder) => File.Exists(Path.Combine(folder, Symbols)) && File.Exists(Path.Combine(folder, Merges));

    /// <exception cref="BadInputException">One of the files is damaged or of another tokenizer; says which.</exception>
    public static BpeVocabulary Read(string folder)
    {
        string file = Path.Combine(folder, Symbols);
        var ids = ReadSymbols(file);
        int start = Take(ids, file, TokenizerJson.StartNames), end = Take(ids, file, TokenizerJson.EndNames);
        if (!ids.Keys.Any(symbol => symbol.EndsWith(ByteSymbols.EndOfWord, StringComparison.Ordinal)))
            throw new BadInputException(
                $"{file}: no symbol ends in {ByteSymbols.EndOfWord}, so this is not CLIP's sort of BPE (GPT-2 "
                    + "and RoBERTa have none); only CLIP's is read."
            );
        return new BpeVocabulary(ids, ReadMerges(Path.Combine(folder, Merges)), start, end);
    }

    /// <summary>Writes both, with the special tokens among the symbols.</summary>
    public static void Write(string folder, BpeVocabulary vocabulary)
    {
        using (var stream = File.Create(Path.Combine(folder, Symbols)))
        {
            using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
            json.WriteStartObject();
            foreach (var (symbol, id) in vocabulary.Ids.OrderBy(entry => entry.Value))
                json.WriteNumber(symbol, id);
            json.WriteNumber(WordScanner.StartOfText, vocabulary.StartOfText);
            json.WriteNumber(WordScanner.EndOfText, vocabulary.EndOfText);
            json.WriteEndObject();
        }
        using var merges = new StreamWriter(Path.Combine(folder, Merges)) { NewLine = "\n" };
        merges.WriteLine("#version: 0.2");
        foreach (var merge in vocabulary.Merges)
            merges.WriteLine(merge.ToString());
    }

    private static Dictionary<string, int> ReadSymbols(string file)
    {
        byte[] json = InputFile.ReadBytes(file, null, TokenizerFile.MaxFile);
        try
        {
            if (JsonBounds.Excess(json, TokenizerFile.MaxSymbols) is { } excess)
                throw new JsonException(excess);
            return JsonSerializer.Deserialize<Dictionary<string, int>>(json)
                ?? throw new JsonException("it is null");
        }
        catch (JsonException wrong)
        {
            throw new BadInputException(
                $"{file}: is not an object of symbols and ids ({FileWords.Of(wrong.Message, 200).ReplaceLineEndings(" ")}); copy it from "
                    + $"the model again."
            );
        }
    }

    private static int Take(Dictionary<string, int> ids, string file, string[] names)
    {
        string name = names.FirstOrDefault(ids.ContainsKey)
            ?? throw new BadInputException(
                $"{file}: has none of the symbols {string.Join(", ", names)}, so this is not CLIP's vocabulary; only CLIP's is read.");
        ids.Remove(name, out int id);
        return id;
    }

    private static List<BpeMerge> ReadMerges(string file)
    {
        using (var opened = InputFile.Open(file))
        {
            if (opened.Length > TokenizerFile.MaxFile)
                throw new BadInputException(
                    $"{file} has {Counted.Of(opened.Length, "byte")}; a tokenizer's file has at most {TokenizerFile.MaxFile:N0}."
                );
        }
        var merges = new List<BpeMerge>();
        int number = 0;
        foreach (string line in InputFile.ReadLines(file))
        {
            number++;
            if (line.Length == 0 || number == 1 && line.StartsWith("#version", StringComparison.Ordinal))
                continue;
            if (merges.Count == TokenizerFile.MaxSymbols)
                throw new BadInputException(
                    $"{file}: has more than {TokenizerFile.MaxSymbols:N0} merges; the largest known has a quarter of them."
                );
            try
            {
                merges.Add(BpeMerge.Parse(line));
            }
            catch (FormatException wrong)
            {
                throw new BadInputException($"{file}: line {number}: {wrong.Message}; copy the file from the model again.");
            }
        }
        return merges;
    }
}
