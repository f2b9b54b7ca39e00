namespace ClipDistributed.Data.Streams;

/// <summary>A contiguous range of slots of the global batch: a replica's share or a part of it.</summary>
public readonly record struct SlotRange(int Start, int Count)
{
    /// <summary>The first slot behind the range.</summary>
    public int End => Start + Count;

    public override string ToString() => $"slots {Start} to {End - 1}";
}
