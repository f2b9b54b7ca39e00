using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Tests.Samples;

namespace ClipDistributed.Data.Tests.Blocks;

public class BlockCacheTests : IDisposable
{
    private static readonly BlockId First = new(0, 0), Second = new(0, 1), Third = new(0, 2);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Hold_TwoHolders_ReadOnceAndDropWithTheLast()
    {
        var manifest = await TestDataset.WriteAsync(folder, [12], rowsPerGroup: 4);
        using var cache = new BlockCache(manifest);
        cache.Hold(1, [First, Second]);
        cache.Hold(2, [Second]);
        var data = await cache.ReadAsync(Second);
        Assert.Equal(SizeOf(manifest, Second), cache.BytesHeld);

        cache.Hold(1, [Third]);
        Assert.Equal(2, cache.BlocksHeld);
        Assert.Same(data, await cache.ReadAsync(Second));
        Assert.Throws<InvalidOperationException>(() => { _ = cache.ReadAsync(First); });

        cache.Drop(2);
        Assert.Equal((1, 0L), (cache.BlocksHeld, cache.BytesHeld));
    }

    [Fact]
    public async Task PrefetchAsync_Limit_IsKept()
    {
        var manifest = await TestDataset.WriteAsync(folder, [12], rowsPerGroup: 4);
        using var cache = new BlockCache(manifest);
        cache.Hold(1, [First, Second, Third]);
        await cache.PrefetchAsync([1], SizeOf(manifest, First) + SizeOf(manifest, Second));
        Assert.Equal(SizeOf(manifest, First) + SizeOf(manifest, Second), cache.BytesHeld);

        await cache.PrefetchAsync([1], long.MaxValue);
        Assert.Equal(manifest.Shards[0].Blocks.Sum(block => block.Bytes), cache.BytesHeld);
    }

    private static long SizeOf(DatasetManifest manifest, BlockId id) => manifest.Shards[(int)id.Shard].Blocks[id.Block].Bytes;
}
