using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Blocks;

/// <summary>Finds the block in which a row of a dataset lies.</summary>
public sealed class BlockMap(DatasetManifest manifest)
{
    // Per shard, the row behind each block.
    private readonly long[][] ends = [.. manifest.Shards.Select(Ends)];

    /// <summary>The row's block, and its place in it.</summary>
    public (BlockId Block, int Row) Locate(SampleId id)
    {
        int block = Find(id.Shard, (long)id.Row);
        return (new BlockId(id.Shard, block), (int)((long)id.Row - First(id.Shard, block)));
    }

    /// <summary>The blocks that a span touches.</summary>
    public IEnumerable<BlockId> Touched(ShardSpan span)
    {
        long end = span.FirstRow + span.Count;
        for (int block = Find(span.Shard, span.FirstRow); block < ends[span.Shard].Length && First(span.Shard, block) < end; block++)
            yield return new BlockId(span.Shard, block);
    }

    private int Find(uint shard, long row)
    {
        // The first block that ends behind the row; blocks without rows end where the one before does.
        long[] all = ends[shard];
        int low = 0, high = all.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (all[middle] > row)
                high = middle;
            else
                low = middle + 1;
        }
        return low < all.Length
            ? low
            : throw new ArgumentOutOfRangeException(nameof(row), row, $"Shard {shard} has {Counted.Plain(all[^1], "row")}.");
    }

    private long First(uint shard, int block) => block == 0 ? 0 : ends[shard][block - 1];

    private static long[] Ends(ShardEntry shard)
    {
        var ends = new long[shard.Blocks.Count];
        long row = 0;
        for (int i = 0; i < ends.Length; i++)
            ends[i] = row += shard.Blocks[i].Rows;
        return ends;
    }
}
