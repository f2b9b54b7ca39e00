using System.Runtime.CompilerServices;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Samples;

/// <summary>
/// Reads the samples of any slots of any step. A stream keeps the blocks of its shuffle block in memory and reads those of
/// its next one in the background. One caller at a time; only <see cref="ReplacementsAsync"/> and
/// <see cref="ReadRowAsync"/> may be called beside it.
/// </summary>
public sealed class SampleReader : IAsyncDisposable
{
    private const int ReplacementHolder = -1;

    private readonly DatasetManifest manifest;
    private readonly StreamOrder order;
    private readonly BlockMap map;
    private readonly BlockCache cache;
    private readonly long prefetchLimit;
    private readonly Action<DamagedRow>? damaged;
    private readonly IReadOnlySet<SampleId> poisonRows;
    private readonly SemaphoreSlim oneReplacement = new(1);
    private readonly Dictionary<int, StreamPosition> positions = [];
    private Task prefetching = Task.CompletedTask;
    private bool disposed;

    /// <param name="manifest">The dataset.</param>
    /// <param name="order">The order of its samples.</param>
    /// <param name="prefetchLimit">
    /// Bytes of blocks in memory up to which the next shuffle blocks are read ahead; what the current ones need is always
    /// read (see <see cref="ReadMemory"/>).
    /// </param>
    /// <param name="damaged">Receives every damaged row that is met, on any thread.</param>
    /// <param name="poisonRows">Rows that are damaged whatever their bytes say; null: none.</param>
    /// <param name="time">Measures the pauses before a failed read is tried again; null: the system clock.</param>
    public SampleReader(
        DatasetManifest manifest,
        StreamOrder order,
        long prefetchLimit = long.MaxValue,
        Action<DamagedRow>? damaged = null,
        TimeProvider? time = null,
        IReadOnlySet<SampleId>? poisonRows = null
    )
    {
        (this.manifest, this.order) = (manifest, order);
        this.prefetchLimit = prefetchLimit;
        this.damaged = damaged;
        this.poisonRows = poisonRows ?? new HashSet<SampleId>();
        map = new BlockMap(manifest);
        cache = new BlockCache(manifest, time: time);
    }

    /// <summary>Another reader of the same samples, for a look at a single step while this one reads ahead.</summary>
    public SampleReader Beside() => new(manifest, order, prefetchLimit: 0, damaged, poisonRows: poisonRows);

    /// <summary>Bytes of the blocks in memory, by the manifest's count.</summary>
    public long BytesHeld => cache.BytesHeld;

    /// <summary>The samples of a range of slots, in the order of the slots; damaged rows are replaced.</summary>
    /// <param name="step">From 1. Any step may follow any other; the next one is the cheapest.</param>
    /// <param name="slots">Within [0, B): a share, or one part of it after the other.</param>
    /// <param name="cancel">Ends the wait; what is being read goes on in the background.</param>
    /// <exception cref="IOException">A shard cannot be read; the call may be repeated.</exception>
    /// <exception cref="BadInputException">A damaged row has no sound replacement.</exception>
    public async Task<EncodedSample[]> ReadAsync(long step, SlotRange slots, CancellationToken cancel = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        var ids = order.Rows(step, slots);
        DropStreamsLeftBehind(step);
        var samples = new EncodedSample[ids.Length];
        var streams = Enumerable.Range(0, ids.Length).GroupBy(i => (slots.Start + i) / order.RowsPerStep);
        await Task.WhenAll(streams.Select(stream => ReadStreamAsync(stream.Key, [.. stream])).ToArray());
        PrefetchNextBlocks();
        return samples;

        async Task ReadStreamAsync(int stream, int[] indices)
        {
            // One shuffle block after the other, so that never more than one is needed at once.
            foreach (var part in indices.GroupBy(i => ShuffleBlockOf(step, slots.Start + i)))
            {
                MoveTo(stream, step, part.Key);
                foreach (int i in part)
                    samples[i] = await ReadSampleAsync(step, slots.Start + i, ids[i], cancel);
            }
        }
    }

    /// <summary>
    /// The rows that can stand in for a damaged one, in the order in which they must be tried; damaged ones are passed
    /// over. For a planned row whose bytes turn out not to decode.
    /// </summary>
    public async IAsyncEnumerable<EncodedSample> ReplacementsAsync(
        long step, int slot, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var planned = order.Rows(step, new SlotRange(slot, 1))[0];
        foreach (var candidate in order.Replacements(step, slot))
        {
            var row = await ReadRowAsync(candidate, cancel);
            if (row.Damage is null)
                yield return new EncodedSample(slot, planned, candidate, row.Image!, row.Caption!);
        }
    }

    /// <summary>Any row of the dataset. Reads its whole block, unless that is in memory.</summary>
    /// <exception cref="IOException">The shard cannot be read.</exception>
    public async Task<StoredRow> ReadRowAsync(SampleId id, CancellationToken cancel = default)
    {
        await oneReplacement.WaitAsync(cancel);
        try
        {
            // Held until the next call: candidates follow each other in the same block.
            cache.Hold(ReplacementHolder, [map.Locate(id).Block]);
            return await ReadHeldRowAsync(id, cancel);
        }
        finally
        {
            oneReplacement.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        disposed = true;
        cache.Dispose();
        await prefetching;
    }

    private long ShuffleBlockOf(long step, int slot) =>
        (order.StepInEpoch(step) * order.RowsPerStep + slot % order.RowsPerStep) / order.ShuffleBlock;

    private async Task<EncodedSample> ReadSampleAsync(long step, int slot, SampleId planned, CancellationToken cancel)
    {
        var row = await ReadHeldRowAsync(planned, cancel);
        if (row.Damage is null)
            return new EncodedSample(slot, planned, planned, row.Image!, row.Caption!);
        await foreach (var replacement in ReplacementsAsync(step, slot, cancel))
            return replacement;
        throw new BadInputException(
            $"Row {planned} of the dataset is damaged ({row.Damage}) and no other row of its epoch can replace "
                + "it; repair or remove its shard."
        );
    }

    private async Task<StoredRow> ReadHeldRowAsync(SampleId id, CancellationToken cancel)
    {
        var (block, place) = map.Locate(id);
        StoredRow row;
        try
        {
            var data = await cache.ReadAsync(block).WaitAsync(cancel);
            var (image, caption) = (data.Images[place], data.Captions[place]);
            row = new StoredRow(
                id,
                image,
                caption,
                poisonRows.Contains(id) ? "it crashes the decoder"
                    : image is null ? "it has no image"
                    : caption is null ? "it has no caption"
                    : null
            );
        }
        catch (DamagedShardException e)
        {
            row = new StoredRow(id, null, null, e.Message);
        }
        if (row.Damage is not null)
            damaged?.Invoke(new DamagedRow(id, row.Damage));
        return row;
    }

    private void MoveTo(int stream, long step, long shuffleBlock)
    {
        uint epoch = order.EpochOf(step);
        lock (positions)
        {
            bool stays = positions.TryGetValue(stream, out var old) && old.Epoch == epoch && old.ShuffleBlock == shuffleBlock;
            positions[stream] = new StreamPosition(step, epoch, shuffleBlock);
            if (stays)
                return;
        }
        cache.Hold(stream, BlocksOf(epoch, stream, shuffleBlock));
        bool isLast = (shuffleBlock + 1) * order.ShuffleBlock >= order.RowsPerStream;
        cache.Hold(NextBlockHolder(stream), isLast ? BlocksOf(epoch + 1, stream, 0) : BlocksOf(epoch, stream, shuffleBlock + 1));
    }

    /// <summary>A stream that was not read in the step before belongs to another replica's share by now.</summary>
    private void DropStreamsLeftBehind(long step)
    {
        foreach (var (stream, position) in positions)
            if (position.Step != step && position.Step != step - 1)
            {
                positions.Remove(stream);
                cache.Drop(stream);
                cache.Drop(NextBlockHolder(stream));
            }
    }

    private void PrefetchNextBlocks()
    {
        if (prefetching.IsCompleted)
            prefetching = cache.PrefetchAsync(positions.Keys.Order().Select(NextBlockHolder).ToArray(), prefetchLimit);
    }

    private IEnumerable<BlockId> BlocksOf(uint epoch, int stream, long shuffleBlock) =>
        order.BlockSpans(epoch, stream, shuffleBlock).SelectMany(map.Touched);

    private int NextBlockHolder(int stream) => order.Streams + stream;

    private readonly record struct StreamPosition(long Step, uint Epoch, long ShuffleBlock);
}
