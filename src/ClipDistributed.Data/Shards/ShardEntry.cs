using System.Text.Json.Serialization;

namespace ClipDistributed.Data.Shards;

/// <summary>One shard of a dataset; its ordinal is its place in the manifest.</summary>
/// <param name="Path">Absolute; the same on every host, but not for ever: data may be moved.</param>
/// <param name="Length">Bytes of the file: another length later means that it was changed.</param>
/// <param name="Blocks">In the order of the file.</param>
/// <param name="ImageColumn">Encoded images.</param>
/// <param name="CaptionColumn">Text; null: the shard has none, which only validation data may lack.</param>
/// <param name="LabelColumn">The class: a number or a name; null: the shard has none.</param>
public sealed record ShardEntry(
    string Path,
    long Length,
    IReadOnlyList<BlockEntry> Blocks,
    string ImageColumn,
    string? CaptionColumn,
    string? LabelColumn)
{
    /// <summary>The <see cref="IShardFormat.Name"/>; null: Parquet, the only one that there was.</summary>
    public string? Format { get; init; }

    /// <summary>
    /// Its path below its source, with slashes: the same wherever the data lies. Null: an older program wrote the manifest.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>
    /// A cheap digest, SHA-256 in hexadecimal, of where the file says that its rows lie and how long they are. Other images or captions
    /// change that, a copy does not. Null: an older program wrote the manifest.
    /// </summary>
    public string? Tail { get; init; }

    /// <summary>What the shard has lost, of which the rows are what is left; null: nothing that could be seen.</summary>
    public string? Loss { get; init; }

    /// <summary>The rows of all blocks.</summary>
    public long Rows => Blocks.Sum(block => block.Rows);

    /// <summary>image, caption or label; null: the column is not used.</summary>
    public string? UseOf(string column) =>
        column == ImageColumn ? "image" : column == CaptionColumn ? "caption" : column == LabelColumn ? "label" : null;
}

/// <summary>A piece of a shard that is read as a whole.</summary>
/// <param name="Rows">How many rows it has.</param>
/// <param name="Bytes">What its images and captions take in memory.</param>
public sealed record BlockEntry(long Rows, long Bytes)
{
    /// <summary>Where it begins in the shard; null: the format finds it by itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Start { get; init; }
}
