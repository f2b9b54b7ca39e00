using ClipDistributed.Data.Manifests;

namespace ClipDistributed.Data.Shards;

/// <summary>
/// The row groups in memory. Each holder (a stream) says which groups it needs now; a group is read once, however many
/// hold it, and dropped when the last holder has moved on. Thread-safe.
/// </summary>
/// <param name="manifest">The dataset.</param>
/// <param name="readsAtOnce">Row groups that are read in parallel.</param>
/// <param name="time">Measures the pauses before a read is tried again; null: the system clock.</param>
public sealed class RowGroupCache(DatasetManifest manifest, int readsAtOnce = 4, TimeProvider? time = null) : IDisposable
{
    private readonly Lock sync = new();
    private readonly Dictionary<int, HashSet<RowGroupId>> holders = [];
    private readonly Dictionary<RowGroupId, Entry> entries = [];
    private readonly SemaphoreSlim free = new(readsAtOnce);
    private readonly CancellationTokenSource stop = new();
    private long bytesHeld;

    /// <summary>The groups that somebody holds.</summary>
    public int GroupsHeld
    {
        get
        {
            lock (sync)
                return entries.Count;
        }
    }

    /// <summary>Bytes of the held groups that are read or being read, by the manifest's count.</summary>
    public long BytesHeld
    {
        get
        {
            lock (sync)
                return bytesHeld;
        }
    }

    /// <summary>From now on the holder needs these groups and no others. Nothing is read yet.</summary>
    public void Hold(int holder, IEnumerable<RowGroupId> groups)
    {
        var wanted = groups.ToHashSet();
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
    /// The rows of a held group, read when first asked for. A read that failed for reasons of disk or network, in each of
    /// its tries, is begun anew at the next call; damage stays.
    /// </summary>
    /// <exception cref="InvalidOperationException">Nobody holds the group.</exception>
    /// <exception cref="DamagedShardException">The bytes are no valid Parquet.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public Task<RowGroupData> ReadAsync(RowGroupId id)
    {
        lock (sync)
        {
            if (!entries.TryGetValue(id, out var entry))
                throw new InvalidOperationException($"Row group {id} is not held.");
            bool failed = entry.Reading is { IsFaulted: true, Exception.InnerException: not DamagedShardException };
            if (entry.Reading is null)
                bytesHeld += BytesOf(id);
            if (entry.Reading is null || failed)
                entry.Reading = Task.Run(() => ReadFromShardAsync(id), stop.Token);
            return entry.Reading;
        }
    }

    /// <summary>Reads what the holders hold and is not in memory yet, as far as the limit allows, two groups at a time.</summary>
    /// <remarks>A failure shows when the group is asked for: <see cref="ReadAsync"/> then tries again.</remarks>
    /// <param name="wanting">The most urgent first.</param>
    /// <param name="limitBytes">For all held groups together.</param>
    public Task PrefetchAsync(IEnumerable<int> wanting, long limitBytes)
    {
        RowGroupId[] groups;
        lock (sync)
            groups = [.. wanting.SelectMany(holder => holders.GetValueOrDefault(holder) ?? []).Distinct()];
        return Parallel.ForEachAsync(groups, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (id, _) =>
        {
            if (StartWithin(limitBytes, id) is { } reading)
                await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
    }

    /// <summary>Stops reading; data that was handed out stays valid.</summary>
    public void Dispose() => stop.Cancel();

    private async Task<RowGroupData> ReadFromShardAsync(RowGroupId id)
    {
        await free.WaitAsync(stop.Token);
        try
        {
            return await RowGroupReading.ReadAsync(
                manifest.Shards[(int)id.Shard], id.Group, RowGroupColumns.Image | RowGroupColumns.Caption, time, stop.Token);
        }
        finally
        {
            free.Release();
        }
    }

    /// <summary>Null: already read, no longer held, or no room.</summary>
    private Task? StartWithin(long limitBytes, RowGroupId id)
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

    private long BytesOf(RowGroupId id) => manifest.Shards[(int)id.Shard].RowGroups[id.Group].Bytes;

    private sealed class Entry
    {
        public int Holders;
        public Task<RowGroupData>? Reading;
    }
}
