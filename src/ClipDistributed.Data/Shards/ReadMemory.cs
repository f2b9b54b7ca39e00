using System.Globalization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Shards;

/// <summary>The memory that reading in the planned order takes; known from the manifest, the same on every host.</summary>
public static class ReadMemory
{
    /// <summary>
    /// Bytes for one replica that reads all streams: open streams × the row groups that one block can touch, and never
    /// more than the whole dataset, since streams share what they hold.
    /// </summary>
    public static long Needed(DatasetManifest manifest, StreamOrder order) =>
        Math.Min(order.Streams * BytesPerBlock(manifest, order.ShuffleBlock), manifest.Shards.Sum(BytesOf));

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
                + $"{Mebibytes(BytesPerBlock(manifest, order.ShuffleBlock))} of row groups that a block of "
                + $"{Counted.Plain(order.ShuffleBlock, "row")} can touch, at most the whole dataset. "
                + $"Repack the shards with smaller row groups (clipd data pack), lower data.shuffle_block or batch.streams, or raise the "
                + $"limit to {needed}.");
    }

    /// <summary>
    /// The bytes of the row groups that any <paramref name="block"/> rows in a row can touch, whatever the order of the
    /// shards: inside one shard, or from the end of one into the beginning of another.
    /// </summary>
    public static long BytesPerBlock(DatasetManifest manifest, int block)
    {
        long inside = manifest.Shards.Max(shard => LargestWindow(shard.RowGroups, block));
        long end = manifest.Shards.Max(shard => TouchedByFirst(shard.RowGroups.Reverse(), block - 1));
        long beginning = manifest.Shards.Max(shard => TouchedByFirst(shard.RowGroups, block - 1));
        return Math.Max(inside, end + Between(manifest, block) + beginning);
    }

    /// <summary>The most that a window of so many rows can touch of one shard.</summary>
    private static long LargestWindow(IReadOnlyList<RowGroupEntry> groups, int rows)
    {
        // A window touches most when it begins with the last row of a group; the groups after it move on with it.
        long largest = 0, bytesAfter = 0, rowsAfter = 0;
        int end = 1;
        for (int first = 0; first < groups.Count; first++)
        {
            for (; end < groups.Count && rowsAfter < rows - 1; end++)
                (bytesAfter, rowsAfter) = (bytesAfter + groups[end].Bytes, rowsAfter + groups[end].Rows);
            largest = Math.Max(largest, groups[first].Bytes + bytesAfter);
            if (end > first + 1)
                (bytesAfter, rowsAfter) = (bytesAfter - groups[first + 1].Bytes, rowsAfter - groups[first + 1].Rows);
            else
                end++;
        }
        return largest;
    }

    private static long TouchedByFirst(IEnumerable<RowGroupEntry> groups, long rows)
    {
        long bytes = 0;
        foreach (var group in groups)
        {
            if (rows <= 0)
                break;
            bytes += group.Bytes;
            rows -= group.Rows;
        }
        return bytes;
    }

    /// <summary>Whole shards that fit between the first and the last row of a block.</summary>
    private static long Between(DatasetManifest manifest, int block)
    {
        var small = manifest.Shards.Where(shard => shard.Rows <= block - 2).ToList();
        return small.Count == 0
            ? 0
            : (long)Math.Min(small.Sum(BytesOf), Math.Ceiling((block - 2) * small.Max(shard => (double)BytesOf(shard) / shard.Rows)));
    }

    private static long BytesOf(ShardEntry shard) => shard.RowGroups.Sum(group => group.Bytes);

    private static string Mebibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MiB");
}
