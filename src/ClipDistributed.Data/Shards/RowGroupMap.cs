using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Shards;

/// <summary>Finds the row group in which a row of a dataset lies.</summary>
public sealed class RowGroupMap(DatasetManifest manifest)
{
    // Per shard, the row behind each group.
    private readonly long[][] ends = [.. manifest.Shards.Select(Ends)];

    /// <summary>The row's group, and its place in it.</summary>
    public (RowGroupId Group, int Row) Locate(SampleId id)
    {
        int group = Find(id.Shard, (long)id.Row);
        return (new RowGroupId(id.Shard, group), (int)((long)id.Row - First(id.Shard, group)));
    }

    /// <summary>The groups that a span touches.</summary>
    public IEnumerable<RowGroupId> Touched(ShardSpan span)
    {
        long end = span.FirstRow + span.Count;
        for (int group = Find(span.Shard, span.FirstRow); group < ends[span.Shard].Length && First(span.Shard, group) < end; group++)
            yield return new RowGroupId(span.Shard, group);
    }

    private int Find(uint shard, long row)
    {
        // The first group that ends behind the row; groups without rows end where the one before does.
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

    private long First(uint shard, int group) => group == 0 ? 0 : ends[shard][group - 1];

    private static long[] Ends(ShardEntry shard)
    {
        var ends = new long[shard.RowGroups.Count];
        long row = 0;
        for (int i = 0; i < ends.Length; i++)
            ends[i] = row += shard.RowGroups[i].Rows;
        return ends;
    }
}
