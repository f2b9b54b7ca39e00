namespace ClipDistributed.Data.Shards;

/// <summary>A column of a shard, human-readable.</summary>
/// <param name="Use">image, caption or label; null: it is not used.</param>
public sealed record StoredColumn(string Name, string Type, string? Use);
