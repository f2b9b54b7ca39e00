namespace ClipDistributed.Data.Streams;

/// <summary>Which pieces of shards a replica has to read for its share of some steps.</summary>
public static class SpanPlan
{
    /// <summary>
    /// The spans of all shuffle blocks that the share's rows lie in, each row once, by shard and row. Rows of a block
    /// stand in the order of the files, so a replica that needs one of them reads the block.
    /// </summary>
    /// <param name="firstStep">From 1.</param>
    /// <param name="lastStep">At least <paramref name="firstStep"/>.</param>
    public static IReadOnlyList<ShardSpan> Of(StreamOrder order, long firstStep, long lastStep, SlotRange share)
    {
        var spans = new List<ShardSpan>();
        for (uint epoch = order.EpochOf(firstStep); epoch <= order.EpochOf(lastStep); epoch++)
        {
            long epochStart = epoch * order.StepsPerEpoch + 1;
            long first = Math.Max(firstStep, epochStart) - epochStart;
            long last = Math.Min(lastStep, epochStart + order.StepsPerEpoch - 1) - epochStart;
            for (int stream = share.Start / order.RowsPerStep; stream * order.RowsPerStep < share.End; stream++)
                spans.AddRange(Blocks(order, stream, first, last, share).SelectMany(block => order.BlockSpans(epoch, stream, block)));
        }
        return Merge(spans);
    }

    /// <summary>The blocks of one stream that hold the share's rows of the steps [first, last] of an epoch, counted from 0.</summary>
    private static SortedSet<long> Blocks(StreamOrder order, int stream, long first, long last, SlotRange share)
    {
        int begin = Math.Max(share.Start - stream * order.RowsPerStep, 0);
        int end = Math.Min(share.End - stream * order.RowsPerStep, order.RowsPerStep); // behind the last row of a step
        var blocks = new SortedSet<long>();
        for (long step = first; step <= last && begin < end; step++)
        {
            long place = step * order.RowsPerStep;
            for (long block = (place + begin) / order.ShuffleBlock; block <= (place + end - 1) / order.ShuffleBlock; block++)
                blocks.Add(block);
        }
        return blocks;
    }

    private static List<ShardSpan> Merge(List<ShardSpan> spans)
    {
        var merged = new List<ShardSpan>();
        foreach (var span in spans.OrderBy(span => span.Shard).ThenBy(span => span.FirstRow))
        {
            if (
                merged.Count > 0
                && merged[^1] is var before
                && before.Shard == span.Shard
                && span.FirstRow <= before.FirstRow + before.Count
            )
                merged[^1] = before with { Count = Math.Max(before.Count, span.FirstRow + span.Count - before.FirstRow) };
            else
                merged.Add(span);
        }
        return merged;
    }
}
