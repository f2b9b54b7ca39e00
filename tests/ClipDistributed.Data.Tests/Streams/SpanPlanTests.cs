using ClipDistributed.Data.Streams;
using CsCheck;

namespace ClipDistributed.Data.Tests.Streams;

public sealed class SpanPlanTests
{
    /// <param name="Block">1: a share's blocks are its rows.</param>
    private sealed record Case(long[] ShardRows, ulong Seed, int Streams, int RowsPerStep, int Block, int World, long First, int Steps)
    {
        public static Gen<Case> Gen(Gen<int> blocks) =>
            from shardRows in CsCheck.Gen.Long[0, 30].Array[1, 8]
            from seed in CsCheck.Gen.ULong
            from streams in CsCheck.Gen.Int[1, 4]
            from rowsPerStep in CsCheck.Gen.Int[1, 5]
            from block in blocks
            from world in CsCheck.Gen.Int[1, 6]
            from first in CsCheck.Gen.Long[1, 40]
            from steps in CsCheck.Gen.Int[1, 40]
            where shardRows.Sum() >= streams * rowsPerStep
            select new Case(shardRows, seed, streams, rowsPerStep, block, world, first, steps);

        public StreamOrder Order() => new(ShardRows, Seed, Streams * RowsPerStep, Streams, Block);
    }

    [Fact]
    public void Of_BlocksOfOneRow_CoversExactlyTheRowsOfTheShare() => Case.Gen(CsCheck.Gen.Const(1)).Sample(drawn =>
    {
        var order = drawn.Order();
        var shares = Shares.Even(order.GlobalBatch, drawn.World);
        for (int rank = 0; rank < drawn.World; rank++)
        {
            var share = shares.Of(rank);
            var wanted = Steps(drawn).SelectMany(step => order.Rows(step, share)).ToHashSet();
            Assert.Equal(wanted, [.. Rows(SpanPlan.Of(order, drawn.First, drawn.First + drawn.Steps - 1, share))]);
        }
    });

    [Fact]
    public void Of_AnyBlocks_CoversExactlyTheBlocksOfTheShare() => Case.Gen(CsCheck.Gen.Int[1, 25]).Sample(drawn =>
    {
        var order = drawn.Order();
        var shares = Shares.Even(order.GlobalBatch, drawn.World);
        var blockOf = BlocksByRow(order, drawn);
        for (int rank = 0; rank < drawn.World; rank++)
        {
            var share = shares.Of(rank);
            var wanted = Steps(drawn).SelectMany(step => order.Rows(step, share).Select(row => (order.EpochOf(step), row)))
                .SelectMany(at => blockOf[at]).ToHashSet();
            var spans = SpanPlan.Of(order, drawn.First, drawn.First + drawn.Steps - 1, share);
            Assert.Equal(wanted, [.. Rows(spans)]);
            Assert.Equal(wanted.Count, spans.Sum(span => span.Count)); // each row once
            Assert.Equal(spans, spans.OrderBy(span => span.Shard).ThenBy(span => span.FirstRow));
        }
    });

    private static IEnumerable<long> Steps(Case drawn) => Enumerable.Range(0, drawn.Steps).Select(i => drawn.First + i);

    private static IEnumerable<SampleId> Rows(IEnumerable<ShardSpan> spans) =>
        spans.SelectMany(span => Enumerable.Range(0, (int)span.Count).Select(i => new SampleId(span.Shard, (ulong)(span.FirstRow + i))));

    /// <summary>For each row of an epoch the rows of its block, found by laying out all blocks.</summary>
    private static Dictionary<(uint Epoch, SampleId Row), List<SampleId>> BlocksByRow(StreamOrder order, Case drawn)
    {
        var found = new Dictionary<(uint, SampleId), List<SampleId>>();
        for (uint epoch = order.EpochOf(drawn.First); epoch <= order.EpochOf(drawn.First + drawn.Steps - 1); epoch++)
        {
            for (int stream = 0; stream < order.Streams; stream++)
            {
                for (long block = 0; block * order.ShuffleBlock < order.RowsPerStream; block++)
                {
                    var rows = Rows(order.BlockSpans(epoch, stream, block)).ToList();
                    foreach (var row in rows)
                        found[(epoch, row)] = rows;
                }
            }
        }
        return found;
    }
}
