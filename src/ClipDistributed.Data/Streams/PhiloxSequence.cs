namespace ClipDistributed.Data.Streams;

/// <summary>The words of counters (0, a, b, c), (1, a, b, c), … one after the other. Mutable: pass it by reference.</summary>
public struct PhiloxSequence(PhiloxKey key, uint a, uint b, uint c)
{
    private PhiloxWords words;
    private uint draw;
    private int used = 4;

    /// <summary>The draws that belong to one sample in one epoch: crop, flip, mask.</summary>
    public static PhiloxSequence ForSample(ulong seed, uint epoch, SampleId id) =>
        new(PhiloxKey.For(seed, epoch, RandomPurpose.Sample), id.Shard, (uint)id.Row, (uint)(id.Row >> 32));

    public uint NextWord()
    {
        if (used == 4)
        {
            words = Philox.Run(key, draw++, a, b, c);
            used = 0;
        }
        return used++ switch { 0 => words.W0, 1 => words.W1, 2 => words.W2, _ => words.W3 };
    }

    /// <summary>A number in [0, 1) with 32 random bits.</summary>
    public double NextDouble() => NextWord() * (1.0 / 4294967296.0);

    /// <summary>Fisher–Yates from the last element down, j = ⌊x·(i+1)/2³²⌋.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = (int)((ulong)NextWord() * (ulong)(i + 1) >> 32);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
