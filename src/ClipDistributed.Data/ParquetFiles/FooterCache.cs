namespace ClipDistributed.Data.ParquetFiles;

/// <summary>
/// The footers that were read last: each row group is read from a freshly opened file, and a file of many row groups has a footer that
/// takes longer to read than one of them. Thread-safe.
/// </summary>
internal static class FooterCache
{
    private const int MaxFooters = 8;

    private static readonly Lock Sync = new();
    private static readonly LinkedList<(FooterKey Key, ParquetFooter Footer)> Footers = []; // the last used first

    /// <summary>Null: not there.</summary>
    public static ParquetFooter? Find(FooterKey key)
    {
        lock (Sync)
        {
            for (var node = Footers.First; node is not null; node = node.Next)
            {
                if (node.Value.Key != key)
                    continue;
                Footers.Remove(node);
                Footers.AddFirst(node);
                return node.Value.Footer;
            }
            return null;
        }
    }

    public static void Add(FooterKey key, ParquetFooter footer)
    {
        lock (Sync)
        {
            Footers.AddFirst((key, footer));
            if (Footers.Count > MaxFooters)
                Footers.RemoveLast();
        }
    }
}

/// <summary>A file as it was: one that was changed since has another version, or another digest of what ends it.</summary>
/// <param name="Tail">Its last bytes, hashed: within one tick of the clock a file can be written twice.</param>
internal readonly record struct FooterKey(string Path, long Length, string Version, UInt128 Tail);
