using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Manifests;

/// <summary>The columns of a shard, human-readable.</summary>
public static class ShardSchema
{
    /// <summary>In the file's order.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static IReadOnlyList<StoredColumn> Columns(ShardEntry shard)
    {
        using var source = FileSource.Open(shard.Path);
        return ShardFormats.Of(shard).Columns(source, shard);
    }
}
