namespace ClipDistributed.Data.Shards;

/// <summary>
/// Bytes that were read in full are no valid Parquet: the rows of the row group count as damaged, here and on every
/// other host. A fault of disk or network is an <see cref="IOException"/> instead.
/// </summary>
public sealed class DamagedShardException(string path, int rowGroup, Exception cause)
    : Exception($"{path}: row group {rowGroup} is damaged: {cause.Message}", cause)
{
    public string Path { get; } = path;

    /// <summary>From 0.</summary>
    public int RowGroup { get; } = rowGroup;
}
