using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Blocks;

/// <summary>Reads blocks one at a time, each from a freshly opened shard. A fault of disk or network gets another try.</summary>
public static class BlockReading
{
    private const int Tries = 3;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    /// <param name="block">From 0.</param>
    /// <param name="time">Measures the pauses between the tries, 0.2 s and 0.8 s; null: the system's clock.</param>
    /// <exception cref="DamagedShardException">The bytes are not valid in the shard's format.</exception>
    /// <exception cref="ShardChangedException">The file is not the one that the manifest describes.</exception>
    /// <exception cref="IOException">The file could not be read in three tries.</exception>
    public static async Task<BlockData> ReadAsync(
        ShardEntry entry, int block, BlockColumns columns, TimeProvider? time = null, CancellationToken cancel = default)
    {
        var pause = FirstPause;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return ReadOnce(entry, block, columns, cancel);
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

    /// <summary>The same without another try.</summary>
    /// <exception cref="DamagedShardException">The bytes are not valid in the shard's format.</exception>
    /// <exception cref="IOException">The file could not be read, or is not the one that the manifest describes.</exception>
    public static BlockData ReadOnce(
        ShardEntry entry, int block, BlockColumns columns = BlockColumns.Image | BlockColumns.Caption, CancellationToken cancel = default)
    {
        using var source = FileSource.Open(entry.Path);
        if (source.Length != entry.Length)
            throw new ShardChangedException(entry.Path, $"it has {Counted.Plain(source.Length, "byte")} instead of {entry.Length}");
        try
        {
            return ShardFormats.Of(entry).ReadBlock(source, entry, block, columns, cancel);
        }
        catch (InvalidDataException damage)
        {
            throw new DamagedShardException(entry.Path, block, damage);
        }
    }

    /// <summary>All blocks of a dataset in its order. A shard is not touched before its first block is asked for.</summary>
    /// <exception cref="IOException">A shard cannot be read, or is not the one that the manifest describes.</exception>
    public static IEnumerable<WalkedBlock> Walk(DatasetManifest manifest, BlockColumns columns)
    {
        foreach (var entry in manifest.Shards)
        {
            for (int block = 0; block < entry.Blocks.Count; block++)
                yield return new WalkedBlock(entry, block, ReadUnlessDamaged(entry, block, columns));
        }
    }

    private static BlockData? ReadUnlessDamaged(ShardEntry entry, int block, BlockColumns columns)
    {
        try
        {
            return ReadAsync(entry, block, columns).GetAwaiter().GetResult();
        }
        catch (DamagedShardException)
        {
            return null; // shown by the missing data
        }
    }
}

/// <summary>A block that was read, or found to be damaged.</summary>
/// <param name="Index">Its place in the shard, from 0.</param>
/// <param name="Data">Null: its bytes are damaged.</param>
public sealed record WalkedBlock(ShardEntry Shard, int Index, BlockData? Data);
