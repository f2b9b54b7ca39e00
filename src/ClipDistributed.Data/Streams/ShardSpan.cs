namespace ClipDistributed.Data.Streams;

/// <summary>Rows of one shard that follow each other in a stream.</summary>
/// <param name="Shard">The shard's ordinal in the dataset manifest.</param>
/// <param name="FirstRow">The first row, counted in the shard.</param>
/// <param name="Count">How many rows, at least 1.</param>
public readonly record struct ShardSpan(uint Shard, long FirstRow, long Count);
