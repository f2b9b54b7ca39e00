namespace ClipDistributed.Data.Shards;

/// <summary>
/// Bytes that were read in full are not valid in the shard's format: the rows of the block count as damaged, here and on every
/// other host. A fault of disk or network is an <see cref="IOException"/> instead.
/// </summary>
public sealed class DamagedShardException(string path, int block, Exception cause)
    : Exception($"{path}: block {block} is damaged: {cause.Message}", cause)
{
    public string Path { get; } = path;

    /// <summary>From 0.</summary>
    public int Block { get; } = block;
}
