namespace ClipDistributed.Data.Streams;

/// <summary>
/// One epoch's shards in their permuted order, laid end to end as a ring. Positions count rows from the epoch's start
/// row; every position in [0, rows) is another row of the set.
/// </summary>
internal sealed class EpochRing
{
    private readonly uint[] order;
    private readonly long[] ends; // the row of the laid-out line behind the last one of order[i]
    private readonly long start;

    public EpochRing(IReadOnlyList<long> shardRows, ulong seed, uint epoch)
    {
        Epoch = epoch;
        order = [.. Enumerable.Range(0, shardRows.Count).Select(shard => (uint)shard)];
        new PhiloxSequence(PhiloxKey.For(seed, epoch, RandomPurpose.PermuteShards), 0, 0, 0).Shuffle(order.AsSpan());

        ends = new long[order.Length];
        long rows = 0;
        for (int i = 0; i < order.Length; i++)
            ends[i] = rows += shardRows[(int)order[i]];

        var words = Philox.Run(PhiloxKey.For(seed, epoch, RandomPurpose.RingStart), 0, 0, 0, 0);
        start = (long)Math.BigMul((ulong)words.W1 << 32 | words.W0, (ulong)rows, out _);
    }

    public uint Epoch { get; }

    private long Rows => ends[^1];

    /// <summary>The row at a position of the ring.</summary>
    public SampleId this[long position]
    {
        get
        {
            var (index, row) = Locate(position);
            return new SampleId(order[index], (ulong)row);
        }
    }

    /// <summary>The pieces of shards that make up <paramref name="count"/> rows from a position on, in order.</summary>
    public IEnumerable<ShardSpan> Spans(long position, long count)
    {
        var (index, row) = Locate(position);
        while (count > 0)
        {
            long taken = Math.Min(count, ends[index] - FirstOf(index) - row);
            if (taken > 0)
                yield return new ShardSpan(order[index], row, taken);
            count -= taken;
            row = 0;
            index = (index + 1) % order.Length;
        }
    }

    private (int Index, long Row) Locate(long position)
    {
        long line = start + position;
        if (line >= Rows)
            line -= Rows;
        int found = Array.BinarySearch(ends, line + 1);
        int index = found >= 0 ? found : ~found;
        // Shards without rows share their end with the one before; the search may meet any of them.
        while (index > 0 && ends[index - 1] > line)
            index--;
        return (index, line - FirstOf(index));
    }

    private long FirstOf(int index) => index == 0 ? 0 : ends[index - 1];
}
