using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Data.Tokens;

/// <summary>
/// CLIP's byte-pair tokenizer: caption to token ids, the same as OpenCLIP's SimpleTokenizer. Safe for any number of threads.
/// </summary>
public sealed class ClipTokenizer
{
    private readonly BpeVocabulary vocabulary;
    private readonly BytePairMerging merging;
    private readonly WordCache cache = new();

    internal ClipTokenizer(BpeVocabulary vocabulary, CleanMode clean)
    {
        this.vocabulary = vocabulary;
        Clean = clean;
        merging = new BytePairMerging(vocabulary);
    }

    /// <summary>How captions are cleaned before they are encoded.</summary>
    public CleanMode Clean { get; }

    /// <summary>One more than the largest id; the rows that the token embedding needs.</summary>
    public int VocabularySize => vocabulary.EndOfText + 1;

    /// <summary>The id before every caption: <see cref="VocabularySize"/> − 2 in CLIP and in what is trained here.</summary>
    public int StartOfText => vocabulary.StartOfText;

    /// <summary>The id after every caption: <see cref="VocabularySize"/> − 1.</summary>
    public int EndOfText => vocabulary.EndOfText;

    /// <summary>Reads a vocabulary.</summary>
    /// <param name="path">
    /// OpenAI's bpe_simple_vocab_16e6.txt.gz, a tokenizer.json, a vocab.json with its merges.txt, or a folder that holds one of them.
    /// </param>
    /// <param name="clean">How captions are cleaned; null: as the file says, else lower case.</param>
    /// <exception cref="BadInputException">No such file, damaged, or another format; says which.</exception>
    public static ClipTokenizer Load(string path, CleanMode? clean = null)
    {
        var (vocabulary, stored) = TokenizerFile.Read(path);
        return new ClipTokenizer(vocabulary, clean ?? stored);
    }

    /// <summary>Writes a tokenizer.json that <see cref="Load"/> and Hugging Face's tokenizers open.</summary>
    /// <param name="path">The file, or an existing folder in which tokenizer.json is written.</param>
    public void Save(string path) =>
        DurableFile.Write(
            Directory.Exists(path) ? Path.Combine(path, TokenizerJson.Name) : path, file => TokenizerJson.Write(file, vocabulary, Clean));

    /// <summary>
    /// Start of text, the caption's ids, end of text, then zeros (which is also the id of a real symbol). A longer caption is cut
    /// and its last id is end of text.
    /// </summary>
    /// <param name="text">
    /// The caption, not cleaned. The literal words &lt;start_of_text&gt; and &lt;end_of_text&gt; in it become the special ids.
    /// </param>
    /// <param name="ids">Filled whole; its length, at least 2, is the context length.</param>
    public void Encode(string text, Span<int> ids)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ids.Length, 2, nameof(ids));
        var words = new WordScanner(CaptionCleaning.Clean(text, Clean));
        int count = 0;
        ids[count++] = StartOfText;
        while (count < ids.Length && words.MoveNext())
        {
            var word = IdsOf(words.Current).AsSpan();
            word = word[..Math.Min(word.Length, ids.Length - count)];
            word.CopyTo(ids[count..]);
            count += word.Length;
        }
        ids[Math.Min(count, ids.Length - 1)] = EndOfText;
        ids[Math.Min(count + 1, ids.Length)..].Clear();
    }

    /// <summary>Start of text, all of the caption's ids, end of text.</summary>
    public int[] EncodeUnpadded(string text)
    {
        var words = new WordScanner(CaptionCleaning.Clean(text, Clean));
        var ids = new List<int> { StartOfText };
        while (words.MoveNext())
            ids.AddRange(IdsOf(words.Current));
        ids.Add(EndOfText);
        return [.. ids];
    }

    private int[] IdsOf(ReadOnlySpan<char> word)
    {
        if (cache.TryGet(word, out int[]? known))
            return known!;
        int[] ids = word switch
        {
            WordScanner.StartOfText => [StartOfText],
            WordScanner.EndOfText => [EndOfText],
            _ => merging.Encode(ByteSymbols.Of(word)),
        };
        cache.Add(word, ids);
        return ids;
    }
}
