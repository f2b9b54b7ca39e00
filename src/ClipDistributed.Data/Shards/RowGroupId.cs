namespace ClipDistributed.Data.Shards;

/// <summary>A row group of a shard, both counted from 0.</summary>
public readonly record struct RowGroupId(uint Shard, int Group);
