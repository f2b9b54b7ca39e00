using System.IO.Compression;
using System.Text;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Tokens;

/// <summary>
/// Reads bpe_simple_vocab_16e6.txt.gz of openai/CLIP: a header, then a merge a line. CLIP uses the first 48,894 merges; ids are
/// 256 bytes, the same bytes at the end of a word, the merges in order, start of text, end of text.
/// </summary>
internal static class OpenAiMergesFile
{
    public const string Name = "bpe_simple_vocab_16e6.txt.gz";

    private const int VocabularySize = 49408;
    private const int MergeCount = VocabularySize - 512 - 2;
    private const int MaxLine = 1000;

    /// <exception cref="BadInputException">Not such a file, or a damaged one.</exception>
    public static BpeVocabulary Read(Stream stream, string file)
    {
        var ids = new Dictionary<string, int>(VocabularySize);
        foreach (string end in new[] { "", ByteSymbols.EndOfWord })
        {
            foreach (byte value in ByteSymbols.InOrder)
                ids.Add(ByteSymbols.Of(value) + end, ids.Count);
        }
        var merges = ReadMerges(stream, file);
        foreach (var (merge, number) in merges.Select((merge, index) => (merge, index + 1)))
        {
            if (!ids.TryAdd(merge.Result, ids.Count))
                throw new BadInputException(
                    $"{file}: line {number + 1}: the merge '{FileWords.Of($"{merge}")}' gives a symbol that is there already."
                );
        }
        return new BpeVocabulary(ids, merges, VocabularySize - 2, VocabularySize - 1);
    }

    private static List<BpeMerge> ReadMerges(Stream stream, string file)
    {
        var merges = new List<BpeMerge>(MergeCount);
        try
        {
            using var lines = new StreamReader(
                new GZipStream(stream, CompressionMode.Decompress), new UTF8Encoding(false, throwOnInvalidBytes: true));
            _ = ReadLine(lines); // the header
            while (merges.Count < MergeCount && ReadLine(lines) is { } line)
                merges.Add(BpeMerge.Parse(line));
        }
        catch (Exception damage) when (
            damage is InvalidDataException or FormatException or DecoderFallbackException or EndOfStreamException)
        {
            throw new BadInputException(
                $"{file}: cannot be read after {Counted.Plain(merges.Count, "merge")} ({damage.Message}); get {Name} again."
            );
        }
        return merges.Count == MergeCount
            ? merges
            : throw new BadInputException(
                $"{file}: holds {Counted.Plain(merges.Count, "merge")} where CLIP's vocabulary has {MergeCount}; get {Name} again.");
    }

    /// <summary>A few bytes may become a line of gigabytes.</summary>
    private static string? ReadLine(StreamReader lines)
    {
        var line = new StringBuilder();
        for (int next; (next = lines.Read()) >= 0 && next != '\n';)
        {
            if (line.Length == MaxLine)
                throw new InvalidDataException($"a line of more than {MaxLine} characters");
            line.Append((char)next);
        }
        return line.Length == 0 && lines.EndOfStream ? null : line.ToString().TrimEnd('\r');
    }
}
