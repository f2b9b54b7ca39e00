namespace ClipDistributed.Data.Streams;

/// <summary>The shuffled order of one block of one stream: place i of the block holds its row <c>this[i]</c>.</summary>
internal sealed class ShuffledBlock
{
    private readonly int[] rows;

    public ShuffledBlock(ulong seed, uint epoch, int stream, long block, int count)
    {
        Epoch = epoch;
        Block = block;
        rows = [.. Enumerable.Range(0, count)];
        var key = PhiloxKey.For(seed, epoch, RandomPurpose.PermuteBlock);
        new PhiloxSequence(key, (uint)stream, checked((uint)block), 0).Shuffle(rows.AsSpan());
    }

    public uint Epoch { get; }

    public long Block { get; }

    public int this[int place] => rows[place];
}
