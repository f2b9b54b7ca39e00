using System.Collections.Concurrent;

namespace ClipDistributed.Data.Tokens;

/// <summary>
/// The ids of words met before; safe for any number of threads. When full it starts anew: captions repeat a small set of words,
/// which is back after a few thousand captions, and nothing need be kept in order of use.
/// </summary>
internal sealed class WordCache
{
    /// <summary>About 10 MB when full.</summary>
    private const int Capacity = 65_536;

    /// <summary>Longer words hardly ever come twice.</summary>
    private const int MaxWord = 64;

    private readonly ConcurrentDictionary<string, int[]> entries = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> lookup;
    private int count;

    public WordCache() => lookup = entries.GetAlternateLookup<ReadOnlySpan<char>>();

    public bool TryGet(ReadOnlySpan<char> word, out int[]? ids) => lookup.TryGetValue(word, out ids);

    public void Add(ReadOnlySpan<char> word, int[] ids)
    {
        if (word.Length > MaxWord)
            return;
        // Two threads may both find it full and both clear it: words are lost, never wrong.
        if (Interlocked.Increment(ref count) > Capacity)
        {
            entries.Clear();
            Volatile.Write(ref count, 1);
        }
        lookup[word] = ids;
    }
}
