namespace ClipDistributed.Data.Streams;

/// <summary>How a global batch is cut over the replicas of a generation: rows of every rank, in rank order.</summary>
/// <param name="Rows">A rank's share begins behind those of lower ranks; 0 is allowed.</param>
public sealed record Shares(IReadOnlyList<int> Rows)
{
    /// <summary>As even as it goes: the first ranks have one row more where W does not divide B.</summary>
    public static Shares Even(int globalBatch, int world) =>
        new([.. Enumerable.Range(0, world).Select(rank => globalBatch / world + (rank < globalBatch % world ? 1 : 0))]);

    /// <summary>The rows of the global batch.</summary>
    public int Total => Rows.Sum();

    /// <summary>The slots of one rank.</summary>
    public SlotRange Of(int rank) => new(Rows.Take(rank).Sum(), Rows[rank]);

    public override string ToString() => string.Join(" + ", Rows);
}
