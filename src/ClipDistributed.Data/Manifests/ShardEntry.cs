using System.Text.Json.Serialization;

namespace ClipDistributed.Data.Manifests;

/// <summary>One shard of a dataset; its ordinal is its place in <see cref="DatasetManifest.Shards"/>.</summary>
/// <param name="Path">Absolute; the same on every host.</param>
/// <param name="Length">Bytes of the file: another length later means that it was changed.</param>
/// <param name="RowGroups">In the order of the file.</param>
/// <param name="ImageColumn">Encoded images: bytes, or a struct {bytes, path}.</param>
/// <param name="CaptionColumn">Text; null: the shard has none, which only validation data may lack.</param>
/// <param name="LabelColumn">The class: a number or a name; null: the shard has none.</param>
public sealed record ShardEntry(
    string Path,
    long Length,
    IReadOnlyList<RowGroupEntry> RowGroups,
    string ImageColumn,
    string? CaptionColumn,
    string? LabelColumn)
{
    /// <summary>The rows of all row groups.</summary>
    [JsonIgnore]
    public long Rows => RowGroups.Sum(group => group.Rows);
}

/// <summary>A piece of a shard that is read as a whole.</summary>
/// <param name="Rows">How many rows it has.</param>
/// <param name="Bytes">What its image and caption columns take in memory: their uncompressed chunks, from the footer.</param>
public sealed record RowGroupEntry(long Rows, long Bytes);
