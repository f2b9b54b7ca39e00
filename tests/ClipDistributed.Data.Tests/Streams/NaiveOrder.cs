using System.Numerics;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Tests.Streams;

/// <summary>
/// The page "Order of samples" word by word: whole epochs as lists, big integers for the formulas, nothing shared with
/// <see cref="StreamOrder"/> but the Philox function, which has known answers of its own.
/// </summary>
internal sealed class NaiveOrder
{
    private readonly int batch, streams;
    private readonly long[] shardRows;
    private readonly ulong seed;
    private readonly int block;

    public NaiveOrder(long[] shardRows, ulong seed, int batch, int streams, int block) =>
        (this.shardRows, this.seed, this.batch, this.streams, this.block) = (shardRows, seed, batch, streams, block);

    private int StepsPerEpoch => (int)(shardRows.Sum() / batch);

    public SampleId[] Step(long step)
    {
        uint epoch = (uint)((step - 1) / StepsPerEpoch);
        int number = (int)((step - 1) % StepsPerEpoch);
        var (cut, _) = Epoch(epoch);
        int each = batch / streams;
        var slots = new SampleId[batch];
        for (int stream = 0; stream < streams; stream++)
            for (int i = 0; i < each; i++)
                slots[stream * each + i] = cut[stream][number * each + i];
        return slots;
    }

    public List<SampleId> Replacements(long step, int slot)
    {
        uint epoch = (uint)((step - 1) / StepsPerEpoch);
        long number = (step - 1) % StepsPerEpoch;
        var (_, left) = Epoch(epoch);
        var tried = new List<SampleId>();
        if (left.Count > 0)
        {
            int start = (int)((((step - 1) % StepsPerEpoch) * batch + slot) % left.Count);
            tried.AddRange(left.Skip(start));
            tried.AddRange(left.Take(start));
        }
        for (long n = number + 1; n < StepsPerEpoch; n++)
            tried.Add(Step(epoch * StepsPerEpoch + n + 1)[slot]);
        for (long n = 0; n < number; n++)
            tried.Add(Step(epoch * StepsPerEpoch + n + 1)[slot]);
        return tried;
    }

    public (List<SampleId>[] Streams, List<SampleId> LeftOver) Epoch(uint epoch)
    {
        var shards = Enumerable.Range(0, shardRows.Length).Select(i => (uint)i).ToList();
        Shuffle(shards, Words(epoch, purpose: 0, a: 0, b: 0));

        var line = new List<SampleId>();
        foreach (uint shard in shards)
            for (long row = 0; row < shardRows[shard]; row++)
                line.Add(new SampleId(shard, (ulong)row));

        var drawn = Words(epoch, purpose: 1, a: 0, b: 0).Take(2).ToArray();
        int start = (int)((drawn[0] + (BigInteger.One << 32) * drawn[1]) * line.Count / (BigInteger.One << 64));
        var ring = line.Skip(start).Concat(line.Take(start)).ToList();

        int perStream = StepsPerEpoch * batch / streams;
        var cut = new List<SampleId>[streams];
        for (int stream = 0; stream < streams; stream++)
        {
            cut[stream] = [];
            var rows = ring.Skip(stream * perStream).Take(perStream).ToList();
            for (int b = 0; b * block < rows.Count; b++)
            {
                var piece = rows.Skip(b * block).Take(block).ToList();
                Shuffle(piece, Words(epoch, purpose: 2, a: (uint)stream, b: (uint)b));
                cut[stream].AddRange(piece);
            }
        }
        return (cut, ring.Skip(StepsPerEpoch * batch).ToList());
    }

    private static void Shuffle<T>(List<T> items, IEnumerable<uint> words)
    {
        using var next = words.GetEnumerator();
        for (int i = items.Count - 1; i >= 1; i--)
        {
            next.MoveNext();
            int j = (int)(new BigInteger(next.Current) * (i + 1) / (BigInteger.One << 32));
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private IEnumerable<uint> Words(uint epoch, uint purpose, uint a, uint b)
    {
        var seeded = Philox.Run(new PhiloxKey((uint)(seed & 0xFFFFFFFF), (uint)(seed >> 32)), epoch, purpose, 0, 0);
        var key = new PhiloxKey(seeded.W0, seeded.W1);
        for (uint draw = 0; ; draw++)
        {
            var words = Philox.Run(key, draw, a, b, 0);
            yield return words.W0;
            yield return words.W1;
            yield return words.W2;
            yield return words.W3;
        }
    }
}
