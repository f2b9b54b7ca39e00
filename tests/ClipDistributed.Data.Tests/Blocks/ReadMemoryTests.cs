using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Streams;
using CsCheck;

namespace ClipDistributed.Data.Tests.Blocks;

public class ReadMemoryTests
{
    [Fact]
    public void BytesPerShuffleBlock_HundredThousandGroupsWithoutRows_TakesNoTime()
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal(60, ReadMemory.BytesPerShuffleBlock(Manifest([[1, .. new int[100_000], 1]], bytesPerRow: 10), rows: 100));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"it took {clock.Elapsed}");
    }

    [Fact]
    public void BytesPerShuffleBlock_EvenGroupsAndDefaultBlock_IsTwoGroups() =>
        Assert.Equal(2 * 1000, ReadMemory.BytesPerShuffleBlock(Manifest([[100, 100, 100], [100, 100]], bytesPerRow: 10), rows: 100));

    [Fact]
    public void BytesPerShuffleBlock_AnyOrder_CoversWhatItsBlocksTouch() =>
        (from groups in Gen.Int[1, 9].Array[1, 4].Array[1, 4]
         from streams in Gen.Int[1, 3]
         from block in Gen.Int[1, 12]
         from seed in Gen.ULong
         where groups.Sum(shard => shard.Sum()) >= streams
         select (groups, streams, block, seed)).Sample(drawn =>
         {
             var manifest = Manifest(drawn.groups, bytesPerRow: 10);
             var map = new BlockMap(manifest);
             long bound = ReadMemory.BytesPerShuffleBlock(manifest, drawn.block);
             var order = new StreamOrder(manifest.RowsPerShard(), drawn.seed, drawn.streams, drawn.streams, drawn.block);
             for (int stream = 0; stream < drawn.streams; stream++)
                 for (long block = 0; block * drawn.block < order.RowsPerStream; block++)
                 {
                     var touched = order.BlockSpans(0, stream, block).SelectMany(map.Touched).Distinct();
                     Assert.InRange(touched.Sum(id => manifest.Shards[(int)id.Shard].Blocks[id.Block].Bytes), 1, bound);
                 }
         }, iter: 500);

    [Fact]
    public void Check_OverTheLimit_ShowsTheArithmeticAndTheAdvice()
    {
        const int mebibyte = 1 << 20;
        var manifest = Manifest([[100, 100, 100, 100, 100, 100]], bytesPerRow: mebibyte / 100.0);
        var order = new StreamOrder(manifest.RowsPerShard(), seed: 1, globalBatch: 4, streams: 2, shuffleBlock: 100);
        Assert.Equal(4 * mebibyte, ReadMemory.Needed(manifest, order));
        ReadMemory.Check(manifest, order, 4 * mebibyte);

        var error = Assert.Throws<BadInputException>(() => ReadMemory.Check(manifest, order, 3 * mebibyte));
        foreach (
            string part in new[] { "limits.read_ahead_bytes is 3 MiB", "needs 4 MiB", "2 streams × 2 MiB", "clipd data pack", "4194304" }
        )
            Assert.Contains(part, error.Message);
    }

    [Fact]
    public void Needed_ManyStreams_IsAtMostTheDataset()
    {
        var manifest = Manifest([[10, 10, 10]], bytesPerRow: 7);
        var order = new StreamOrder(manifest.RowsPerShard(), seed: 1, globalBatch: 16, streams: 16, shuffleBlock: 10);
        Assert.Equal(30 * 7, ReadMemory.Needed(manifest, order));
    }

    private static DatasetManifest Manifest(int[][] shards, double bytesPerRow) =>
        new(
            1,
            [
                .. shards.Select(
                    (groups, i) =>
                        new ShardEntry(
                            $"/data/{i}.parquet",
                            1,
                            [.. groups.Select(rows => new BlockEntry(rows, (long)Math.Round(rows * bytesPerRow)))],
                            "image",
                            "caption",
                            null
                        )
                ),
            ]
        );
}
