using ClipDistributed.Data.ParquetFiles;

namespace ClipDistributed.Data.Shards;

/// <summary>The columns of a shard, human-readable.</summary>
public static class ShardSchema
{
    /// <summary>Names and types in the file's order.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is no Parquet file.</exception>
    public static IReadOnlyList<(string Name, string Type)> Columns(string path)
    {
        using var file = ParquetFile.Open(path);
        return [.. file.Footer.Columns.Select(column => (column.Name, column.TypeName))];
    }
}
