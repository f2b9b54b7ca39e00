using System.Globalization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Blocks;

/// <summary>The memory that reading in the planned order takes; known from the manifest, the same on every host.</summary>
public static class ReadMemory
{
    /// <summary>
    /// Bytes for one replica that reads all streams: open streams × the blocks that one shuffle block can touch, and never
    /// more than the whole dataset, since streams share what they hold.
    /// </summary>
    public static long Needed(DatasetManifest manifest, StreamOrder order) =>
        Math.Min(order.Streams * BytesPerShuffleBlock(manifest, order.ShuffleBlock), manifest.Shards.Sum(BytesOf));

    /// <summary>Refuses an order that needs more memory than the spec allows.</summary>
    /// <param name="manifest">The dataset.</param>
    /// <param name="order">The order of its samples.</param>
    /// <param name="limitBytes">limits.read_ahead_bytes.</param>
    /// <exception cref="BadInputException">It needs more; with the arithmetic.</exception>
    public static void Check(DatasetManifest manifest, StreamOrder order, long limitBytes)
    {
        long needed = Needed(manifest, order);
        if (needed > limitBytes)
            throw new BadInputException(
                $"limits.read_ahead_bytes is {Mebibytes(limitBytes)}, but reading needs {Mebibytes(needed)}: "
                + $"{Counted.Plain(order.Streams, "stream")} × "
                + $"{Mebibytes(BytesPerShuffleBlock(manifest, order.ShuffleBlock))} of blocks (row groups) that a shuffle block of "
                + $"{Counted.Plain(order.ShuffleBlock, "row")} can touch, at most the whole dataset. "
                + $"Repack the shards with smaller row groups (clipd data pack), lower data.shuffle_block or batch.streams, or raise the "
                + $"limit to {needed}.");
    }

    /// <summary>
    /// The bytes of the blocks that any <paramref name="rows"/> rows in a row can touch, whatever the order of the
    /// shards: inside one shard, or from the end of one into the beginning of another.
    /// </summary>
    public static long BytesPerShuffleBlock(DatasetManifest manifest, int rows)
    {
        long inside = manifest.Shards.Max(shard => LargestWindow(shard.Blocks, rows));
        long end = manifest.Shards.Max(shard => TouchedByFirst(shard.Blocks.Reverse(), rows - 1));
        long beginning = manifest.Shards.Max(shard => TouchedByFirst(shard.Blocks, rows - 1));
        return Math.Max(inside, end + Between(manifest, rows) + beginning);
    }

    /// <summary>The most that a window of so many rows can touch of one shard.</summary>
    private static long LargestWindow(IReadOnlyList<BlockEntry> blocks, int rows)
    {
        // A window touches most when it begins with the last row of a block; the blocks after it move on with it.
        long largest = 0, bytesAfter = 0, rowsAfter = 0;
        int end = 1;
        for (int first = 0; first < blocks.Count; first++)
        {
            for (; end < blocks.Count && rowsAfter < rows - 1; end++)
                (bytesAfter, rowsAfter) = (bytesAfter + blocks[end].Bytes, rowsAfter + blocks[end].Rows);
            largest = Math.Max(largest, blocks[first].Bytes + bytesAfter);
            if (end > first + 1)
                (bytesAfter, rowsAfter) = (bytesAfter - blocks[first + 1].Bytes, rowsAfter - blocks[first + 1].Rows);
            else
                end++;
        }
        return largest;
    }

    private static long TouchedByFirst(IEnumerable<BlockEntry> blocks, long rows)
    {
        long bytes = 0;
        foreach (var block in blocks)
        {
            if (rows <= 0)
                break;
            bytes += block.Bytes;
            rows -= block.Rows;
        }
        return bytes;
    }

    /// <summary>Whole shards that fit between the first and the last row of a shuffle block.</summary>
    private static long Between(DatasetManifest manifest, int rows)
    {
        var small = manifest.Shards.Where(shard => shard.Rows <= rows - 2).ToList();
        return small.Count == 0
            ? 0
            : (long)Math.Min(small.Sum(BytesOf), Math.Ceiling((rows - 2) * small.Max(shard => (double)BytesOf(shard) / shard.Rows)));
    }

    private static long BytesOf(ShardEntry shard) => shard.Blocks.Sum(block => block.Bytes);

    private static string Mebibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MiB");
}
