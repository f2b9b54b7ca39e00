using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Tokens;

/// <summary>
/// Trains a byte-pair vocabulary on captions the way CLIP's was made (Sennrich et al. 2016, "Neural Machine Translation of Rare
/// Words with Subword Units", with end-of-word symbols). A pure function of the captions' words and their counts: neither their
/// order nor the machine matters.
/// </summary>
public static class TokenizerTrainer
{
    /// <summary>Below this even English captions lose letters.</summary>
    public const int SmallestVocabulary = 64;

    /// <summary>From this size on all 256 bytes get symbols (512 ids), so any text keeps every byte.</summary>
    private const int FullAlphabetFrom = 1024;

    /// <summary>
    /// Ids are laid out as in CLIP: bytes, bytes at the end of a word, merges, start of text = V − 2, end of text = V − 1; padding
    /// is 0, which is also a real symbol. Where the captions give fewer merges than there is room for, the ids between stay unused.
    /// A vocabulary under 1,024 has symbols only for the bytes that the captions hold, the most frequent first if there is not room
    /// for all, and for printable ASCII where half of the ids are left for merges. Any text can still be encoded: a byte without a
    /// symbol is left out of its word.
    /// </summary>
    /// <param name="captions">Not cleaned, read once.</param>
    /// <param name="vocabularySize">V, the rows of the token embedding; <see cref="SmallestVocabulary"/> or more.</param>
    /// <param name="clean">How captions are cleaned, here and by the tokenizer returned.</param>
    /// <param name="notice">Receives a line for each kind of text that is too long to be counted.</param>
    /// <exception cref="BadInputException">V is too small.</exception>
    public static ClipTokenizer Train(
        IEnumerable<string> captions, int vocabularySize, CleanMode clean, Action<string>? notice = null,
        CancellationToken cancel = default)
    {
        if (vocabularySize < SmallestVocabulary)
            throw new BadInputException($"vocabulary size {vocabularySize} is too small; use {SmallestVocabulary} or more.");
        var counts = new WordCounts(clean);
        foreach (string caption in captions)
        {
            cancel.ThrowIfCancellationRequested();
            counts.Add(caption);
        }
        var words = counts.Take();
        foreach (string cut in counts.Cuts())
            notice?.Invoke(cut);
        var ids = new Dictionary<string, int>();
        var bytes = Alphabet(words, vocabularySize, clean);
        foreach (string end in new[] { "", ByteSymbols.EndOfWord })
        {
            foreach (byte value in ByteSymbols.InOrder.Where(bytes.Contains))
                ids.Add(ByteSymbols.Of(value) + end, ids.Count);
        }
        var merges = new MergeLearner(ids, words).Learn(vocabularySize - 2, cancel);
        return new ClipTokenizer(new BpeVocabulary(ids, merges, vocabularySize - 2, vocabularySize - 1), clean);
    }

    private static HashSet<byte> Alphabet(Dictionary<string, long> words, int vocabularySize, CleanMode clean)
    {
        if (vocabularySize >= FullAlphabetFrom)
            return [.. ByteSymbols.InOrder];
        var bytes = ByteSymbols.InOrder.ToDictionary(ByteSymbols.Of, value => (Value: value, Count: 0L));
        foreach (var (word, count) in words)
        {
            foreach (char symbol in word)
                bytes[symbol] = (bytes[symbol].Value, bytes[symbol].Count + count);
        }
        string printable = string.Concat(
            Enumerable.Range('!', '~' - '!' + 1).Select(c => CaptionCleaning.Clean(((char)c).ToString(), clean)));
        var wanted = bytes.Values.Where(entry => entry.Count > 0 || printable.Contains((char)entry.Value)).ToList();
        if (2 * wanted.Count > vocabularySize / 2)
            wanted.RemoveAll(entry => entry.Count == 0);
        return wanted
            .OrderByDescending(entry => entry.Count)
            .ThenBy(entry => entry.Value)
            .Take((vocabularySize - 2) / 2)
            .Select(entry => entry.Value)
            .ToHashSet();
    }
}
