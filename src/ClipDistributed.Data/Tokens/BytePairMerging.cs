namespace ClipDistributed.Data.Tokens;

/// <summary>
/// Turns one word into ids: its bytes, then the best merge that applies anywhere, leftmost first, until none does. Written here
/// though Microsoft.ML.Tokenizers' BpeTokenizer gives the same ids: it takes quadratic time, and a caption that is one word of a
/// megabyte kept a thread for more than a minute (measured, 2.0.1); here the time is n·log n.
/// </summary>
internal sealed class BytePairMerging
{
    private const int None = -1;

    private readonly Dictionary<char, int> inner = [];
    private readonly Dictionary<char, int> last = [];
    private readonly Dictionary<(int Left, int Right), (int Rank, int Id)> merges = [];

    public BytePairMerging(BpeVocabulary vocabulary)
    {
        foreach (char symbol in ByteSymbols.InOrder.Select(ByteSymbols.Of))
        {
            if (vocabulary.Ids.TryGetValue(symbol.ToString(), out int id))
                inner.Add(symbol, id);
            if (vocabulary.Ids.TryGetValue(symbol + ByteSymbols.EndOfWord, out id))
                last.Add(symbol, id);
        }
        foreach (var merge in vocabulary.Merges)
            merges.Add((vocabulary.Ids[merge.Left], vocabulary.Ids[merge.Right]), (merges.Count, vocabulary.Ids[merge.Result]));
    }

    /// <param name="word">Written in <see cref="ByteSymbols"/>; a byte that the vocabulary has no symbol for is left out.</param>
    public int[] Encode(string word)
    {
        int[] ids = SymbolsOf(word);
        var chain = new Chain(ids.Length);
        var candidates = new PriorityQueue<(int At, int Id), (int Rank, int At)>();
        for (int at = 0; at < ids.Length; at++)
            Consider(at);
        while (candidates.TryDequeue(out var candidate, out _))
        {
            var (at, id) = candidate;
            int right = ids[at] == None ? None : chain.Next[at];
            // The pair seen when this candidate was put in may have gone into another merge since.
            if (right == None || !merges.TryGetValue((ids[at], ids[right]), out var merge) || merge.Id != id)
                continue;
            ids[at] = id;
            ids[right] = None;
            chain.Remove(right);
            Consider(at);
            Consider(chain.Previous[at]);
        }
        return Array.FindAll(ids, id => id != None);

        void Consider(int at)
        {
            if (at != None && chain.Next[at] != None && merges.TryGetValue((ids[at], ids[chain.Next[at]]), out var merge))
                candidates.Enqueue((at, merge.Id), (merge.Rank, at));
        }
    }

    private int[] SymbolsOf(string word)
    {
        var ids = new List<int>(word.Length);
        for (int i = 0; i < word.Length; i++)
        {
            if ((i < word.Length - 1 ? inner : last).TryGetValue(word[i], out int id))
                ids.Add(id);
        }
        return [.. ids];
    }

    /// <summary>The neighbours of each position that is still there.</summary>
    private readonly struct Chain
    {
        public Chain(int length)
        {
            Previous = new int[length];
            Next = new int[length];
            for (int at = 0; at < length; at++)
            {
                Previous[at] = at - 1;
                Next[at] = at + 1 < length ? at + 1 : None;
            }
        }

        public int[] Previous { get; }

        public int[] Next { get; }

        public void Remove(int at)
        {
            Next[Previous[at]] = Next[at];
            if (Next[at] != None)
                Previous[Next[at]] = Previous[at];
        }
    }
}
