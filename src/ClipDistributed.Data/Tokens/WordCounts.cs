using System.Runtime.InteropServices;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Tokens;

/// <summary>
/// How often each word comes in captions. What a data set of captions never has is not counted, or a file of a few megabytes, in which a
/// million rows share one text, takes hours.
/// </summary>
internal sealed class WordCounts(CleanMode clean)
{
    /// <summary>Characters: of a caption, of a word, of all captions that were cleaned, and of all words that are kept.</summary>
    private const int MaxCaption = 20_000, MaxWord = 1_000, MaxCaptions = 1_000_000_000, MaxWords = 64_000_000;

    private const int MaxWaiting = 16_000_000, MaxWaitingCaptions = 100_000;

    private readonly Dictionary<string, long> counts = [];

    /// <summary>Captions not counted yet; rows of one entry of a Parquet dictionary share one string.</summary>
    private readonly Dictionary<string, long> waiting = new(ReferenceEqualityComparer.Instance);

    private long waitingCharacters, charactersLeft = MaxCaptions, wordsLeft = MaxWords;
    private long cutCaptions, leftOutCaptions, leftOutWords;

    public void Add(string caption)
    {
        ref long times = ref CollectionsMarshal.GetValueRefOrAddDefault(waiting, caption, out bool known);
        times++;
        if (known)
            return;
        waitingCharacters += caption.Length;
        if (waitingCharacters > MaxWaiting || waiting.Count > MaxWaitingCaptions)
            Flush();
    }

    /// <summary>The words in byte symbols.</summary>
    public Dictionary<string, long> Take()
    {
        Flush();
        return counts.ToDictionary(entry => ByteSymbols.Of(entry.Key), entry => entry.Value);
    }

    /// <summary>What was not counted, a line each.</summary>
    public IEnumerable<string> Cuts()
    {
        if (cutCaptions > 0)
            yield return $"{Counted.Of(cutCaptions, "caption")} {(cutCaptions == 1 ? "has" : "have")} more than {MaxCaption:N0} "
                + $"characters; of each the first {MaxCaption:N0} count for the vocabulary";
        if (leftOutCaptions > 0)
            yield return $"{Counted.Of(leftOutCaptions, "caption")} after the first {MaxCaptions:N0} characters "
                + $"{(leftOutCaptions == 1 ? "does" : "do")} not count for the vocabulary";
        if (leftOutWords > 0)
            yield return $"words of more than {MaxWord:N0} letters, and new ones after {MaxWords:N0} letters of different words, do not "
                + $"count for the vocabulary: they come {Counted.Of(leftOutWords, "time")}";
    }

    private void Flush()
    {
        foreach (var (caption, times) in waiting)
            Count(caption, times);
        waiting.Clear();
        waitingCharacters = 0;
    }

    private void Count(string caption, long times)
    {
        if (caption.Length > MaxCaption)
        {
            cutCaptions += times;
            caption = caption[..(char.IsHighSurrogate(caption[MaxCaption - 1]) ? MaxCaption - 1 : MaxCaption)];
        }
        if ((charactersLeft -= caption.Length) < 0)
        {
            leftOutCaptions += times;
            return;
        }
        var lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        var words = new WordScanner(CaptionCleaning.Clean(caption, clean));
        while (words.MoveNext())
        {
            if (words.Current is WordScanner.StartOfText or WordScanner.EndOfText)
                continue;
            ref long count = ref CollectionsMarshal.GetValueRefOrNullRef(lookup, words.Current);
            if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref count))
            {
                count += times;
            }
            else if (words.Current.Length <= MaxWord && words.Current.Length <= wordsLeft)
            {
                wordsLeft -= words.Current.Length;
                lookup[words.Current] = times;
            }
            else
            {
                leftOutWords += times;
            }
        }
    }
}
