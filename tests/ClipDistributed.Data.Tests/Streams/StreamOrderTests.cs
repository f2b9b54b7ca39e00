using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Streams;
using CsCheck;

namespace ClipDistributed.Data.Tests.Streams;

public class StreamOrderTests
{
    [Fact]
    public void Rows_ThreeEpochs_AreThoseOfThePageReadLiterally() => OrderCase.Gen.Sample(test =>
    {
        var (order, naive) = (test.Order(), test.Naive());
        for (long step = 1; step <= Math.Min(3 * order.StepsPerEpoch, 12); step++)
            Assert.Equal(naive.Step(step), order.Rows(step, test.AllSlots));
    }, iter: 300);

    [Fact]
    public void Rows_OneEpochAndItsLeftOvers_AreTheWholeSetOnce() => OrderCase.Gen.Sample(test =>
    {
        var order = test.Order();
        foreach (uint epoch in new uint[] { 0, 1, 7 })
        {
            var planned = Enumerable.Range(0, (int)order.StepsPerEpoch)
                .SelectMany(n => order.Rows(epoch * order.StepsPerEpoch + n + 1, test.AllSlots)).ToList();
            var leftOver = Rows(order.LeftOverSpans(epoch)).ToList();

            Assert.Equal(order.StepsPerEpoch * test.Batch, planned.Count);
            Assert.Equal(order.LeftOver, leftOver.Count);
            var everything = test.ShardRows.SelectMany((rows, shard) => Rows([new ShardSpan((uint)shard, 0, rows)]));
            Assert.Equal(everything, planned.Concat(leftOver).OrderBy(id => id.Shard).ThenBy(id => id.Row));
        }
    }, iter: 300);

    [Fact]
    public void Rows_SlotsSplitAnywhere_ConcatenateToTheWholeBatch() =>
        (from test in OrderCase.Gen from cuts in Gen.Int[0, test.Batch].Array[0, 4] select (test, cuts)).Sample(drawn =>
        {
            var (test, cuts) = drawn;
            var order = test.Order();
            int[] borders = [0, .. cuts.Order(), test.Batch];
            var parts = borders.Zip(borders.Skip(1), (from, to) => order.Rows(1, new SlotRange(from, to - from)));
            Assert.Equal(order.Rows(1, test.AllSlots), parts.SelectMany(part => part));
        });

    [Fact]
    public void Rows_SoughtInAnyOrder_EqualTheWalk() =>
        (from test in OrderCase.Gen from steps in Gen.Long[1, 40].Array[1, 12] select (test, steps)).Sample(drawn =>
        {
            var (test, steps) = drawn;
            var sought = test.Order();
            foreach (long step in steps)
            {
                var walked = test.Order();
                SampleId[] last = [];
                for (long k = 1; k <= step; k++)
                    last = walked.Rows(k, test.AllSlots);
                Assert.Equal(last, sought.Rows(step, test.AllSlots));
            }
        });

    [Fact]
    public void Rows_OfOneBlock_AreTheRowsThatTheBlockSpans() => OrderCase.Gen.Sample(test =>
    {
        var order = test.Order();
        for (int stream = 0; stream < test.Streams; stream++)
        {
            var inOrder = Rows(order.StreamSpans(0, stream)).ToList();
            var read = Enumerable.Range(0, (int)order.StepsPerEpoch)
                .SelectMany(n => order.Rows(n + 1, new SlotRange(stream * order.RowsPerStep, order.RowsPerStep))).ToList();
            Assert.Equal(order.RowsPerStream, read.Count);
            for (int block = 0; block * test.Block < read.Count; block++)
            {
                var spanned = Rows(order.BlockSpans(0, stream, block)).ToHashSet();
                Assert.Equal(inOrder.Skip(block * test.Block).Take(test.Block).ToHashSet(), spanned);
                Assert.Equal(spanned, read.Skip(block * test.Block).Take(test.Block).ToHashSet());
            }
        }
    });

    [Fact]
    public void Rows_NextEpochAndOtherSeed_AreOtherOrders()
    {
        var order = new StreamOrder([100, 100, 100], seed: 5, globalBatch: 30, streams: 2, shuffleBlock: 50);
        var other = new StreamOrder([100, 100, 100], seed: 6, globalBatch: 30, streams: 2, shuffleBlock: 50);
        var all = new SlotRange(0, 30);
        Assert.NotEqual(order.Rows(1, all), order.Rows(11, all));
        Assert.NotEqual(order.Rows(1, all), other.Rows(1, all));
    }

    [Fact]
    public void Rows_FromManyThreads_AreTheSame()
    {
        var order = new StreamOrder([100, 40, 77], seed: 5, globalBatch: 12, streams: 4, shuffleBlock: 9);
        var naive = new NaiveOrder([100, 40, 77], 5, 12, 4, 9);
        var expected = Enumerable.Range(1, 40).Select(step => naive.Step(step)).ToList();
        Parallel.For(0, 400, i => Assert.Equal(expected[i % 40], order.Rows(i % 40 + 1, new SlotRange(0, 12))));
    }

    [Fact]
    public void Replacements_AnySlot_AreThoseOfThePageReadLiterally() =>
        (from test in OrderCase.Gen from slot in Gen.Int[0, test.Batch - 1] from step in Gen.Long[1, 8] select (test, slot, step)).Sample(
            drawn =>
                Assert.Equal(
                    drawn.test.Naive().Replacements(drawn.step, drawn.slot),
                    drawn.test.Order().Replacements(drawn.step, drawn.slot)
                ),
            iter: 200
        );

    [Fact]
    public void Replacements_NothingLeftOver_AreTheSlotsOfTheFollowingSteps()
    {
        var order = new StreamOrder([12], seed: 1, globalBatch: 4, streams: 2, shuffleBlock: 3);
        Assert.Equal(0, order.LeftOver);
        SampleId RowAt(long step) => order.Rows(step, new SlotRange(3, 1))[0];
        Assert.Equal([RowAt(6), RowAt(4)], order.Replacements(step: 5, slot: 3));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(6, 2)]
    [InlineData(8, 8)]
    [InlineData(96, 8)]
    [InlineData(4096, 8)]
    [InlineData(6144, 8)]
    [InlineData(8192, 16)]
    [InlineData(12288, 16)]
    [InlineData(32768, 64)]
    [InlineData(1 << 20, 256)]
    public void DefaultStreams_IsTheLargestPowerOfTwoThatIsAllowed(int globalBatch, int streams) =>
        Assert.Equal(streams, StreamOrder.DefaultStreams(globalBatch));

    [Fact]
    public void Constructor_ImpossibleNumbers_AreAllReported()
    {
        var error = Assert.Throws<BadInputException>(() => new StreamOrder([3, 4], seed: 1, globalBatch: 8, streams: 3, shuffleBlock: 0));
        Assert.Equal(3, error.Errors.Count);
        Assert.Contains(error.Errors, line => line.Contains("batch.streams is 3") && line.Contains("divide"));
        Assert.Contains(error.Errors, line => line.Contains("7 rows") && line.Contains("batch.global of at most 7"));
        Assert.Contains(error.Errors, line => line.Contains("data.shuffle_block is 0"));
    }

    [Fact]
    public void Rows_OutsideTheBatch_AreRefused()
    {
        var order = new StreamOrder([12], seed: 1, globalBatch: 4, streams: 2, shuffleBlock: 3);
        Assert.Throws<ArgumentOutOfRangeException>(() => order.Rows(1, new SlotRange(3, 2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => order.Rows(0, new SlotRange(0, 1)));
    }

    private static IEnumerable<SampleId> Rows(IEnumerable<ShardSpan> spans) =>
        from span in spans
        from row in Enumerable.Range(0, (int)span.Count)
        select new SampleId(span.Shard, (ulong)(span.FirstRow + row));
}
