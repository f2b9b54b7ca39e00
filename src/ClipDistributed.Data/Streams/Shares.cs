namespace ClipDistributed.Data.Streams;

/// <summary>How a global batch is cut over the replicas of a generation: rows of every rank, in rank order.</summary>
/// <param name="Rows">A rank's share begins after those of lower ranks; 0 is allowed.</param>
public sealed record Shares(IReadOnlyList<int> Rows)
{
    /// <summary>As even as it goes: the first ranks have one unit more where W does not divide the batch.</summary>
    /// <param name="unit">Rows that must stay together: the micro-batch of a model with batch normalisation; divides the batch.</param>
    public static Shares Even(int globalBatch, int world, int unit = 1)
    {
        var (each, rest) = Math.DivRem(globalBatch / unit, world);
        return new([.. Enumerable.Range(0, world).Select(rank => unit * (each + (rank < rest ? 1 : 0)))]);
    }

    /// <summary>The rows of the global batch.</summary>
    public int Total => Rows.Sum();

    /// <summary>The slots of one rank.</summary>
    public SlotRange Of(int rank) => new(Rows.Take(rank).Sum(), Rows[rank]);

    /// <summary>
    /// Every rank with the share of the next one, the last with the first's. What follows each other then is the rows, no longer the slots.
    /// </summary>
    public Shares Rotated() => new([.. Rows.Skip(1), Rows[0]]);

    /// <summary>Differs where shares do, but for one chance in 2⁶⁴; the same in every process (FNV-1a).</summary>
    public ulong Fingerprint => Rows.Aggregate(14695981039346656037, (hash, rows) => unchecked((hash ^ (uint)rows) * 1099511628211));

    public override string ToString() => string.Join(" + ", Rows);
}
