namespace ClipDistributed.Data.Blocks;

/// <summary>A block of a shard, both counted from 0.</summary>
public readonly record struct BlockId(uint Shard, int Block);
