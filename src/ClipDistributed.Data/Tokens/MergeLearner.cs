using System.Runtime.InteropServices;

namespace ClipDistributed.Data.Tokens;

/// <summary>
/// Merges the pair of neighbouring symbols that comes most often, again and again. Pair counts are kept up to date, so a merge
/// costs the words that hold its pair and not the whole corpus.
/// </summary>
internal sealed class MergeLearner
{
    /// <summary>A pair met once is not a pattern.</summary>
    private const long MinOccurrences = 2;

    private readonly Dictionary<string, int> ids;
    private readonly Dictionary<int, string> symbols;
    private readonly List<(List<int> Symbols, long Count)> words = [];
    private readonly Dictionary<(int Left, int Right), PairState> pairs = [];

    /// <summary>
    /// Holds every pair with a count at least as high as its present one; what fell meanwhile is put back when it comes up.
    /// </summary>
    private readonly PriorityQueue<(int Left, int Right), Candidate> queue = new(new BestFirst());

    /// <param name="ids">The symbols of single bytes; the learned ones are added, numbered on.</param>
    /// <param name="counts">How often each word comes, written in byte symbols; a byte without an id is left out.</param>
    public MergeLearner(Dictionary<string, int> ids, IReadOnlyDictionary<string, long> counts)
    {
        this.ids = ids;
        symbols = ids.ToDictionary(entry => entry.Value, entry => entry.Key);
        foreach (var (word, count) in counts)
        {
            words.Add((SymbolsOf(word), count));
            CountPairs(words.Count - 1, +1);
        }
        foreach (var (pair, state) in pairs)
            Enqueue(pair, state.Count);
    }

    /// <summary>The merges in the order learned, until the vocabulary has the given size or no pair comes twice.</summary>
    public List<BpeMerge> Learn(int size, CancellationToken cancel = default)
    {
        var merges = new List<BpeMerge>();
        var learned = new HashSet<(int Left, int Right)>();
        while (ids.Count < size && queue.TryDequeue(out var pair, out var candidate))
        {
            cancel.ThrowIfCancellationRequested();
            long count = pairs.TryGetValue(pair, out var state) ? state.Count : 0;
            if (count != candidate.Count)
            {
                Enqueue(pair, count);
                continue;
            }
            var merge = new BpeMerge(candidate.Left, candidate.Right);
            // Two pairs can give the same symbol (ab+c, a+bc). It keeps its one id, and so pairs with it may come up a second time.
            if (learned.Add(pair))
                merges.Add(merge);
            if (!ids.TryGetValue(merge.Result, out int id))
            {
                id = ids[merge.Result] = ids.Count;
                symbols[id] = merge.Result;
            }
            Apply(pair, id, [.. state!.Words]);
        }
        return merges;
    }

    private List<int> SymbolsOf(string word)
    {
        var found = new List<int>(word.Length);
        for (int i = 0; i < word.Length; i++)
        {
            string symbol = word[i] + (i == word.Length - 1 ? ByteSymbols.EndOfWord : "");
            if (ids.TryGetValue(symbol, out int id))
                found.Add(id);
        }
        return found;
    }

    private void Apply((int Left, int Right) pair, int id, int[] holders)
    {
        var touched = new HashSet<(int Left, int Right)>();
        foreach (int word in holders)
        {
            CountPairs(word, -1);
            Merge(words[word].Symbols, pair, id);
            CountPairs(word, +1);
            var merged = words[word].Symbols;
            for (int i = 0; i + 1 < merged.Count; i++)
            {
                if (merged[i] == id || merged[i + 1] == id)
                    touched.Add((merged[i], merged[i + 1]));
            }
        }
        foreach (var grown in touched)
            Enqueue(grown, pairs[grown].Count);
    }

    private static void Merge(List<int> word, (int Left, int Right) pair, int id)
    {
        int written = 0;
        for (int i = 0; i < word.Count; i++)
        {
            bool found = i + 1 < word.Count && (word[i], word[i + 1]) == pair;
            word[written++] = found ? id : word[i];
            i += found ? 1 : 0;
        }
        word.RemoveRange(written, word.Count - written);
    }

    private void CountPairs(int word, int sign)
    {
        var (held, count) = words[word];
        for (int i = 0; i + 1 < held.Count; i++)
        {
            var pair = (held[i], held[i + 1]);
            var state = CollectionsMarshal.GetValueRefOrAddDefault(pairs, pair, out _) ??= new PairState();
            state.Count += sign * count;
            if (sign > 0)
                state.Words.Add(word);
            else
                state.Words.Remove(word);
        }
    }

    private void Enqueue((int Left, int Right) pair, long count)
    {
        if (count >= MinOccurrences)
            queue.Enqueue(pair, new Candidate(count, symbols[pair.Left], symbols[pair.Right]));
    }

    private sealed class PairState
    {
        public long Count { get; set; }

        public HashSet<int> Words { get; } = [];
    }

    private readonly record struct Candidate(long Count, string Left, string Right);

    /// <summary>The highest count; among equals the pair whose text comes first in ordinal order.</summary>
    private sealed class BestFirst : IComparer<Candidate>
    {
        public int Compare(Candidate a, Candidate b)
        {
            int order = b.Count.CompareTo(a.Count);
            if (order == 0)
                order = string.CompareOrdinal(a.Left, b.Left);
            return order != 0 ? order : string.CompareOrdinal(a.Right, b.Right);
        }
    }
}
