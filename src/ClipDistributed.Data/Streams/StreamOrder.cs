using System.Numerics;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Streams;

/// <summary>
/// Which row stands in which slot of which step: a pure function of the shards' rows, the seed, the global batch, the
/// number of streams and the shuffle block. Any step is found without the ones before it, in O(slots) once the blocks
/// that it touches are shuffled. Safe to use from several threads.
/// </summary>
public sealed class StreamOrder
{
    /// <summary><c>order_version</c>: a change of anything that this class computes needs the next number.</summary>
    public const int Version = 1;

    private readonly long[] shardRows;
    private readonly ulong seed;
    private readonly EpochRing?[] rings = new EpochRing?[2]; // by epoch mod 2: reading ahead crosses one border at most
    private readonly ShuffledBlock?[] blocks; // the last one used of every stream

    /// <param name="shardRows">Rows of every shard, in the order of the dataset manifest.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="globalBatch">B, samples per step.</param>
    /// <param name="streams">S, reading positions in the epoch's order; divides B.</param>
    /// <param name="shuffleBlock">Rows of a stream that are shuffled among themselves; 1 keeps the order of the files.</param>
    /// <exception cref="BadInputException">Fewer rows than B, S does not divide B, or a number below 1.</exception>
    public StreamOrder(IReadOnlyList<long> shardRows, ulong seed, int globalBatch, int streams, int shuffleBlock)
    {
        this.shardRows = [.. shardRows];
        this.seed = seed;
        TotalRows = this.shardRows.Sum();
        GlobalBatch = globalBatch;
        Streams = streams;
        ShuffleBlock = shuffleBlock;
        ThrowIfImpossible();

        blocks = new ShuffledBlock?[streams];
        RowsPerStep = globalBatch / streams;
        StepsPerEpoch = TotalRows / globalBatch;
        LeftOver = TotalRows % globalBatch;
        RowsPerStream = StepsPerEpoch * RowsPerStep;
    }

    /// <summary>The rows of all shards.</summary>
    public long TotalRows { get; }

    /// <summary>B, samples per step.</summary>
    public int GlobalBatch { get; }

    /// <summary>S, reading positions in the epoch's order.</summary>
    public int Streams { get; }

    /// <summary>Rows of a stream that are shuffled among themselves; a stream's last block may have fewer.</summary>
    public int ShuffleBlock { get; }

    /// <summary>B/S, the rows that one step takes from every stream.</summary>
    public int RowsPerStep { get; }

    /// <summary>K = ⌊rows/B⌋.</summary>
    public long StepsPerEpoch { get; }

    /// <summary>L = rows mod B, the rows that an epoch leaves over.</summary>
    public long LeftOver { get; }

    /// <summary>K·B/S, the rows of one stream in one epoch.</summary>
    public long RowsPerStream { get; }

    /// <summary>S where the spec leaves it out: the largest power of two that divides B and is at most clamp(B/512, 8, 256).</summary>
    public static int DefaultStreams(int globalBatch)
    {
        int divisor = globalBatch & -globalBatch;
        int limit = Math.Clamp(globalBatch / 512, 8, 256);
        return Math.Min(divisor, 1 << BitOperations.Log2((uint)limit));
    }

    /// <summary>The epoch of a step, from 0. Steps are numbered from 1 over the whole run.</summary>
    public uint EpochOf(long step) => checked((uint)((step - 1) / StepsPerEpoch));

    /// <summary>The number of a step inside its epoch, from 0.</summary>
    public long StepInEpoch(long step) => (step - 1) % StepsPerEpoch;

    /// <summary>The planned rows of a range of slots, in the order of the slots.</summary>
    /// <param name="step">From 1.</param>
    /// <param name="slots">Within [0, B).</param>
    public SampleId[] Rows(long step, SlotRange slots)
    {
        ThrowIfOutside(step, slots);
        uint epoch = EpochOf(step);
        long first = StepInEpoch(step) * RowsPerStep;
        var ids = new SampleId[slots.Count];
        for (int i = 0; i < ids.Length; i++)
        {
            var (stream, row) = Math.DivRem(slots.Start + i, RowsPerStep);
            ids[i] = RowOf(epoch, stream, first + row);
        }
        return ids;
    }

    /// <summary>The rows that are tried in place of a damaged one, in this order; the first sound one is used.</summary>
    /// <remarks>First the left-over rows, then the rows of the same slot in the following steps of the epoch.</remarks>
    /// <param name="step">The step of the damaged row, from 1.</param>
    /// <param name="slot">Its slot, in [0, B).</param>
    public IEnumerable<SampleId> Replacements(long step, int slot)
    {
        ThrowIfOutside(step, new SlotRange(slot, 1));
        return Enumerate();

        IEnumerable<SampleId> Enumerate()
        {
            uint epoch = EpochOf(step);
            long number = StepInEpoch(step);
            for (long i = 0; i < LeftOver; i++)
                yield return Ring(epoch)[StepsPerEpoch * GlobalBatch + (number * GlobalBatch + slot + i) % LeftOver];

            var (stream, row) = Math.DivRem(slot, RowsPerStep);
            for (long i = 1; i < StepsPerEpoch; i++)
                yield return RowOf(epoch, stream, (number + i) % StepsPerEpoch * RowsPerStep + row);
        }
    }

    /// <summary>Where the rows of one block lie: what must be in memory to serve any step inside it.</summary>
    /// <param name="epoch">From 0.</param>
    /// <param name="stream">In [0, S).</param>
    /// <param name="block">The number of the block in its stream, from 0.</param>
    public IEnumerable<ShardSpan> BlockSpans(uint epoch, int stream, long block) =>
        Ring(epoch).Spans(stream * RowsPerStream + block * ShuffleBlock, RowsOfBlock(block));

    /// <summary>Where the rows of a stream lie, in the order of the ring, before they are shuffled inside blocks.</summary>
    public IEnumerable<ShardSpan> StreamSpans(uint epoch, int stream) =>
        Ring(epoch).Spans(stream * RowsPerStream, RowsPerStream);

    /// <summary>The rows that the epoch leaves over, in the order of the ring.</summary>
    public IEnumerable<ShardSpan> LeftOverSpans(uint epoch) => Ring(epoch).Spans(StepsPerEpoch * GlobalBatch, LeftOver);

    /// <param name="epoch">From 0.</param>
    /// <param name="stream">In [0, S).</param>
    /// <param name="place">In [0, K·B/S).</param>
    private SampleId RowOf(uint epoch, int stream, long place)
    {
        var (block, placeInBlock) = Math.DivRem(place, ShuffleBlock);
        long row = block * ShuffleBlock + Shuffled(epoch, stream, block)[(int)placeInBlock];
        return Ring(epoch)[stream * RowsPerStream + row];
    }

    private long RowsOfBlock(long block) => Math.Min(ShuffleBlock, RowsPerStream - block * ShuffleBlock);

    // Both caches hold immutable values: a race costs a second computation, never a wrong row.
    private EpochRing Ring(uint epoch)
    {
        ref var cached = ref rings[epoch % 2];
        var ring = Volatile.Read(ref cached);
        if (ring?.Epoch != epoch)
            Volatile.Write(ref cached, ring = new EpochRing(shardRows, seed, epoch));
        return ring;
    }

    private ShuffledBlock Shuffled(uint epoch, int stream, long block)
    {
        ref var cached = ref blocks[stream];
        var shuffled = Volatile.Read(ref cached);
        if (shuffled?.Epoch != epoch || shuffled.Block != block)
            Volatile.Write(ref cached, shuffled = new ShuffledBlock(seed, epoch, stream, block, (int)RowsOfBlock(block)));
        return shuffled;
    }

    private void ThrowIfOutside(long step, SlotRange slots)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        if (slots.Start < 0 || slots.Count < 0 || slots.End > GlobalBatch)
            throw new ArgumentOutOfRangeException(nameof(slots), slots, $"A global batch has the slots 0 to {GlobalBatch - 1}.");
    }

    private void ThrowIfImpossible()
    {
        var errors = new List<string>();
        if (GlobalBatch < 1)
            errors.Add($"batch.global is {GlobalBatch}; use 1 or more.");
        if (ShuffleBlock < 1)
            errors.Add($"data.shuffle_block is {ShuffleBlock}; use 1 (no shuffling of neighbours) or more, or leave it out.");
        if (Streams < 1)
            errors.Add($"batch.streams is {Streams}; use 1 or more, or leave it out.");
        else if (GlobalBatch >= 1 && GlobalBatch % Streams != 0)
            errors.Add(
                $"batch.streams is {Streams}, which does not divide batch.global {GlobalBatch}; use a divisor such as "
                    + $"{DefaultStreams(GlobalBatch)}, or leave it out."
            );
        if (TotalRows < GlobalBatch)
            errors.Add(
                $"data.train has {Counted.Plain(TotalRows, "row")}, fewer than batch.global {GlobalBatch}: one step needs them all; use a "
                    + $"batch.global of at most {TotalRows} or more data."
            );
        if (errors.Count > 0)
            throw new BadInputException(errors);
    }
}
