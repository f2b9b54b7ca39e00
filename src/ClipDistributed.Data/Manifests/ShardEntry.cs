using System.Text.Json.Serialization;

namespace ClipDistributed.Data.Manifests;

/// <summary>One shard of a dataset; its ordinal is its place in <see cref="DatasetManifest.Shards"/>.</summary>
/// <param name="Path">Absolute; the same on every host, but not for ever: data may be moved.</param>
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
    /// <summary>
    /// Its path below its source, with slashes: the same wherever the data lies. Null: an older program wrote the manifest.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    /// <summary>
    /// Of the end of the file, SHA-256 in hexadecimal: it changes with the rows. Null: an older program wrote the manifest.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Tail { get; init; }

    /// <summary>The rows of all row groups.</summary>
    [JsonIgnore]
    public long Rows => RowGroups.Sum(group => group.Rows);
}

/// <summary>A piece of a shard that is read as a whole.</summary>
/// <param name="Rows">How many rows it has.</param>
/// <param name="Bytes">What its image and caption columns take in memory: their uncompressed chunks, from the footer.</param>
public sealed record RowGroupEntry(long Rows, long Bytes);
