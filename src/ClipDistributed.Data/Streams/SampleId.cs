namespace ClipDistributed.Data.Streams;

/// <summary>One image–caption pair: the shard's ordinal in the dataset manifest and the row in that shard, both from 0.</summary>
public readonly record struct SampleId(uint Shard, ulong Row)
{
    public override string ToString() => $"{Shard}:{Row}";
}
