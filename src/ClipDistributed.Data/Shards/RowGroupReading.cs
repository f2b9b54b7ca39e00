using ClipDistributed.Data.Manifests;

namespace ClipDistributed.Data.Shards;

/// <summary>Reads row groups one at a time, each from a freshly opened shard. A fault of disk or network gets another try.</summary>
public static class RowGroupReading
{
    private const int Tries = 3;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    /// <param name="rowGroup">From 0.</param>
    /// <param name="time">Measures the pauses between the tries, 0.2 s and 0.8 s; null: the system's clock.</param>
    /// <exception cref="DamagedShardException">The bytes are no valid Parquet.</exception>
    /// <exception cref="ShardChangedException">The file is not the one that the manifest describes.</exception>
    /// <exception cref="IOException">The file could not be read in three tries.</exception>
    public static async Task<RowGroupData> ReadAsync(
        ShardEntry entry, int rowGroup, RowGroupColumns columns, TimeProvider? time = null, CancellationToken cancel = default)
    {
        var pause = FirstPause;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                using var shard = ParquetShard.Open(entry);
                return shard.ReadRowGroup(rowGroup, columns, cancel);
            }
            catch (IOException e) when (e is not ShardChangedException)
            {
                if (attempt == Tries)
                    throw new IOException($"{entry.Path} cannot be read ({e.Message}); it was tried {Tries} times.", e);
            }
            await Task.Delay(pause, time ?? TimeProvider.System, cancel);
            pause *= 4;
        }
    }

    /// <summary>All row groups of a dataset in its order. A shard is not touched before its first row group is asked for.</summary>
    /// <exception cref="IOException">A shard cannot be read, or is not the one that the manifest describes.</exception>
    public static IEnumerable<WalkedRowGroup> Walk(DatasetManifest manifest, RowGroupColumns columns)
    {
        foreach (var entry in manifest.Shards)
        {
            for (int group = 0; group < entry.RowGroups.Count; group++)
                yield return new WalkedRowGroup(entry, group, ReadUnlessDamaged(entry, group, columns));
        }
    }

    private static RowGroupData? ReadUnlessDamaged(ShardEntry entry, int rowGroup, RowGroupColumns columns)
    {
        try
        {
            return ReadAsync(entry, rowGroup, columns).GetAwaiter().GetResult();
        }
        catch (DamagedShardException)
        {
            return null; // told by the missing data
        }
    }
}

/// <summary>A row group that was read, or found to be damaged.</summary>
/// <param name="Index">Its place in the shard, from 0.</param>
/// <param name="Data">Null: its bytes are damaged.</param>
public sealed record WalkedRowGroup(ShardEntry Shard, int Index, RowGroupData? Data);
