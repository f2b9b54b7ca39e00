namespace ClipDistributed.Data.Shards;

/// <summary>A shard is not the file that the dataset manifest describes: replaced, cut off, or still being copied.</summary>
public sealed class ShardChangedException(string path, string what)
    : IOException($"{path} is not the file of the dataset manifest: {what}. Restore it, or submit the job anew.");
