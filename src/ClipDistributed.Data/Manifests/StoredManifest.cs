using System.Text.Json.Serialization;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Manifests;

/// <summary>A manifest as its file holds it. The names and the order of the members are part of old digests.</summary>
internal sealed record StoredManifest
{
    public required int OrderVersion { get; init; }

    public required IReadOnlyList<StoredShard?> Shards { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? FormerDigests { get; init; }

    public static StoredManifest Of(DatasetManifest manifest) => new()
    {
        OrderVersion = manifest.OrderVersion,
        Shards = [.. manifest.Shards.Select(StoredShard.Of)],
        FormerDigests = manifest.FormerDigests,
    };

    /// <summary>As programs wrote it that knew Parquet alone: what they took the digest of.</summary>
    public static StoredManifest OlderFormOf(DatasetManifest manifest) => new()
    {
        OrderVersion = manifest.OrderVersion,
        Shards = [.. manifest.Shards.Select(shard => StoredShard.Of(shard) with { RowGroups = shard.Blocks, Blocks = null })],
    };

    /// <summary>What it says, of which nothing is missing.</summary>
    public DatasetManifest Manifest() =>
        new(OrderVersion, [.. Shards.Select(shard => shard!.Entry())]) { FormerDigests = FormerDigests };
}

/// <summary>An entry of a manifest as its file holds it.</summary>
internal sealed record StoredShard
{
    public required string Path { get; init; }

    public required long Length { get; init; }

    /// <summary>What programs that knew Parquet alone called <see cref="Blocks"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<BlockEntry?>? RowGroups { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<BlockEntry?>? Blocks { get; init; }

    public required string ImageColumn { get; init; }

    public required string? CaptionColumn { get; init; }

    public required string? LabelColumn { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Tail { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Format { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Loss { get; init; }

    public static StoredShard Of(ShardEntry shard) => new()
    {
        Path = shard.Path,
        Length = shard.Length,
        Blocks = shard.Blocks,
        ImageColumn = shard.ImageColumn,
        CaptionColumn = shard.CaptionColumn,
        LabelColumn = shard.LabelColumn,
        Name = shard.Name,
        Tail = shard.Tail,
        Format = shard.Format,
        Loss = shard.Loss,
    };

    /// <summary>What it says, of which nothing is missing.</summary>
    public ShardEntry Entry() => new(
        Path, Length, [.. (Blocks ?? RowGroups)!.OfType<BlockEntry>()], ImageColumn, CaptionColumn, LabelColumn)
    {
        Name = Name,
        Tail = Tail,
        Format = Format,
        Loss = Loss,
    };

    /// <summary>Whether the values are such as a shard has, which their types do not say.</summary>
    public bool CanBeShard()
    {
        var blocks = Blocks ?? RowGroups ?? [];
        return Length >= 0 && blocks.Count > 0
            && System.IO.Path.IsPathRooted(Path) && !Path.Contains('\0', StringComparison.Ordinal)
            && blocks.All(block => block is { Rows: >= 0 and <= DatasetManifest.MaxRows, Bytes: >= 0, Start: null or >= 0 }
                && !(block.Start > Length))
            && blocks.Sum(block => (double)block!.Rows) is > 0 and <= DatasetManifest.MaxRows;
    }
}
