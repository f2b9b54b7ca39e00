using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Manifests;

namespace ClipDistributed.Data.Blocks;

/// <summary>
/// The blocks in memory. Each holder (a stream) says which blocks it needs now; a block is read once, however many
/// hold it, and dropped when the last holder has moved on. Thread-safe.
/// </summary>
/// <param name="manifest">The dataset.</param>
/// <param name="readsAtOnce">Blocks that are read in parallel.</param>
/// <param name="time">Measures the pauses before a read is tried again; null: the system clock.</param>
public sealed class BlockCache(DatasetManifest manifest, int readsAtOnce = 4, TimeProvider? time = null) : IDisposable
{
    private readonly Lock sync = new();
    private readonly Dictionary<int, HashSet<BlockId>> holders = [];
    private readonly Dictionary<BlockId, Entry> entries = [];
    private readonly SemaphoreSlim free = new(readsAtOnce);
    private readonly CancellationTokenSource stop = new();
    private long bytesHeld;

    /// <summary>The blocks that have a holder.</summary>
    public int BlocksHeld
    {
        get
        {
            lock (sync)
                return entries.Count;
        }
    }

    /// <summary>Bytes of the held blocks that are read or being read, by the manifest's count.</summary>
    public long BytesHeld
    {
        get
        {
            lock (sync)
                return bytesHeld;
        }
    }

    /// <summary>From now on the holder needs these blocks and no others. Nothing is read yet.</summary>
    public void Hold(int holder, IEnumerable<BlockId> blocks)
    {
        var wanted = blocks.ToHashSet();
        lock (sync)
        {
            foreach (var id in wanted)
            {
                if (!entries.TryGetValue(id, out var entry))
                    entries[id] = entry = new Entry();
                entry.Holders++;
            }
            Release(holder);
            holders[holder] = wanted;
        }
    }

    /// <summary>The holder needs nothing any more.</summary>
    public void Drop(int holder)
    {
        lock (sync)
        {
            Release(holder);
            holders.Remove(holder);
        }
    }

    /// <summary>
    /// The rows of a held block, read when first asked for. A read that failed for reasons of disk or network, in each of
    /// its tries, is begun anew at the next call; damage stays.
    /// </summary>
    /// <exception cref="InvalidOperationException">The block has no holder.</exception>
    /// <exception cref="DamagedShardException">The bytes are not valid in the format of the shard.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public Task<BlockData> ReadAsync(BlockId id)
    {
        lock (sync)
        {
            if (!entries.TryGetValue(id, out var entry))
                throw new InvalidOperationException($"Block {id} is not held.");
            bool failed = entry.Reading is { IsFaulted: true, Exception.InnerException: not DamagedShardException };
            if (entry.Reading is null)
                bytesHeld += BytesOf(id);
            if (entry.Reading is null || failed)
                entry.Reading = Task.Run(() => ReadFromShardAsync(id), stop.Token);
            return entry.Reading;
        }
    }

    /// <summary>Reads what the holders hold and is not in memory yet, as far as the limit allows, two blocks at a time.</summary>
    /// <remarks>A failure shows when the block is asked for: <see cref="ReadAsync"/> then tries again.</remarks>
    /// <param name="wanting">The most urgent first.</param>
    /// <param name="limitBytes">For all held blocks together.</param>
    public Task PrefetchAsync(IEnumerable<int> wanting, long limitBytes)
    {
        BlockId[] blocks;
        lock (sync)
            blocks = [.. wanting.SelectMany(holder => holders.GetValueOrDefault(holder) ?? []).Distinct()];
        return Parallel.ForEachAsync(blocks, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (id, _) =>
        {
            if (StartWithin(limitBytes, id) is { } reading)
                await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
    }

    /// <summary>Stops reading; data that was handed out stays valid.</summary>
    public void Dispose() => stop.Cancel();

    private async Task<BlockData> ReadFromShardAsync(BlockId id)
    {
        await free.WaitAsync(stop.Token);
        try
        {
            return await BlockReading.ReadAsync(
                manifest.Shards[(int)id.Shard], id.Block, BlockColumns.Image | BlockColumns.Caption, time, stop.Token);
        }
        finally
        {
            free.Release();
        }
    }

    /// <summary>Null: already read, no longer held, or no room.</summary>
    private Task? StartWithin(long limitBytes, BlockId id)
    {
        lock (sync)
            return entries.TryGetValue(id, out var entry) && entry.Reading is null && BytesOf(id) <= limitBytes - bytesHeld
                ? ReadAsync(id)
                : null;
    }

    private void Release(int holder)
    {
        foreach (var id in holders.GetValueOrDefault(holder) ?? [])
        {
            var entry = entries[id];
            if (--entry.Holders > 0)
                continue;
            entries.Remove(id);
            if (entry.Reading is not null)
                bytesHeld -= BytesOf(id);
        }
    }

    private long BytesOf(BlockId id) => manifest.Shards[(int)id.Shard].Blocks[id.Block].Bytes;

    private sealed class Entry
    {
        public int Holders;
        public Task<BlockData>? Reading;
    }
}
