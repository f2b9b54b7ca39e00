using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Streams;
using ClipDistributed.Data.Tests.Blocks;

namespace ClipDistributed.Data.Tests.Samples;

public class SampleReaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(3, 4, 7)]
    [InlineData(7, 2, 7)]
    [InlineData(16, 8, 1)]
    [InlineData(5, 1, 40)]
    public async Task ReadAsync_EpochsOverOddBlocks_GivesTheRowsOfTheOrder(int rowsPerGroup, int streams, int block)
    {
        var manifest = await TestDataset.WriteAsync(folder, [23, 8, 31, 1], rowsPerGroup);
        var order = new StreamOrder(manifest.RowsPerShard(), seed: 3, globalBatch: 16, streams, block);
        await using var reader = new SampleReader(manifest, order);
        for (long step = 1; step <= 2 * order.StepsPerEpoch + 1; step++)
            AssertPlanned(order, step, new SlotRange(0, 16), await reader.ReadAsync(step, new SlotRange(0, 16)));
    }

    [Fact]
    public async Task ReadAsync_SharesThatChangeAndPartsOfAShare_GiveTheRowsOfTheOrder()
    {
        var manifest = await TestDataset.WriteAsync(folder, [40, 40], rowsPerGroup: 6);
        var order = new StreamOrder(manifest.RowsPerShard(), seed: 3, globalBatch: 16, streams: 4, shuffleBlock: 6);
        await using var reader = new SampleReader(manifest, order);
        foreach (var (step, from, count) in new[] { (1, 0, 3), (1, 3, 6), (2, 0, 9), (3, 9, 7), (4, 0, 16), (2, 5, 4), (9, 1, 15) })
            AssertPlanned(order, step, new SlotRange(from, count), await reader.ReadAsync(step, new SlotRange(from, count)));
    }

    [Fact]
    public async Task ReadAsync_NullCaptionOrImage_TakesTheFirstSoundReplacement()
    {
        var damagedRows = new HashSet<SampleId>();
        var manifest = await TestDataset.WriteAsync(folder, [20, 15], rowsPerGroup: 4, IsDamaged, id => id.Row == 11);
        var order = new StreamOrder(manifest.RowsPerShard(), seed: 3, globalBatch: 8, streams: 2, shuffleBlock: 4);
        await using var reader = new SampleReader(manifest, order, damaged: row => { lock (damagedRows) damagedRows.Add(row.Id); });
        int replaced = 0;
        for (long step = 1; step <= order.StepsPerEpoch; step++)
        {
            foreach (var sample in await reader.ReadAsync(step, new SlotRange(0, 8)))
            {
                var expected = IsSound(sample.PlannedId) ? sample.PlannedId : order.Replacements(step, sample.Slot).First(IsSound);
                replaced += IsSound(sample.PlannedId) ? 0 : 1;
                Assert.Equal(order.Rows(step, new SlotRange(sample.Slot, 1))[0], sample.PlannedId);
                Assert.Equal(expected, sample.UsedId);
                Assert.Equal(TestDataset.ImageOf(expected), sample.Image);
                Assert.Equal(TestDataset.CaptionOf(expected), sample.Caption);
            }
        }
        Assert.InRange(replaced, 3, 12);
        Assert.All(damagedRows, id => Assert.False(IsSound(id)));
        Assert.NotEmpty(damagedRows);

        bool IsDamaged(SampleId id) => id.Row % 5 == 3;
        bool IsSound(SampleId id) => !IsDamaged(id) && id.Row != 11;
    }

    [Fact]
    public async Task ReadAsync_PoisonRow_IsReplacedAsADamagedOneIs()
    {
        bool IsPoison(SampleId id) => id.Row % 5 == 3;
        var sound = await TestDataset.WriteAsync(folder, [20, 15], rowsPerGroup: 4);
        var order = new StreamOrder(sound.RowsPerShard(), seed: 1, globalBatch: 8, streams: 2, shuffleBlock: 4);
        var poison = new HashSet<SampleId>(
            from shard in new[] { 0u, 1u }
            from row in Enumerable.Range(0, shard == 0 ? 20 : 15)
            select new SampleId(shard, (ulong)row) into id
            where IsPoison(id)
            select id
        );
        PoisonRowsFile.Save(new RunDirectory(folder.Path), poison);
        using var other = new TemporaryFolder();
        var damaged = await TestDataset.WriteAsync(other, [20, 15], rowsPerGroup: 4, IsPoison);
        await using var avoiding = new SampleReader(sound, order, poisonRows: PoisonRowsFile.Load(new RunDirectory(folder.Path)));
        await using var beside = avoiding.Beside();
        await using var reader = new SampleReader(damaged, order);
        for (long step = 1; step <= 6; step++)
        {
            var expected = (await reader.ReadAsync(step, new SlotRange(0, 8)))
                .Select(sample => (sample.Slot, sample.PlannedId, sample.UsedId))
                .ToList();
            Assert.Equal(
                expected,
                (await avoiding.ReadAsync(step, new SlotRange(0, 8))).Select(sample => (sample.Slot, sample.PlannedId, sample.UsedId))
            );
            Assert.Equal(
                expected,
                (await beside.ReadAsync(step, new SlotRange(0, 8))).Select(sample => (sample.Slot, sample.PlannedId, sample.UsedId))
            );
            Assert.DoesNotContain(expected, row => IsPoison(row.UsedId));
        }
        Assert.Empty(PoisonRowsFile.Load(new RunDirectory(folder.File("absent"))));
    }

    [Fact]
    public async Task ReadAsync_DamagedBlock_ReplacesEachOfItsRows()
    {
        var manifest = await TestDataset.WriteAsync(folder, [40, 15], rowsPerGroup: 8);
        TestDataset.Overwrite(manifest.Shards[0].Path, at: 4, count: 40); // the first page of the first row group
        var order = new StreamOrder(manifest.RowsPerShard(), seed: 3, globalBatch: 8, streams: 2, shuffleBlock: 4);
        await using var reader = new SampleReader(manifest, order);
        for (long step = 1; step <= order.StepsPerEpoch; step++)
            foreach (var sample in await reader.ReadAsync(step, new SlotRange(0, 8)))
            {
                bool isDamaged = sample.PlannedId is { Shard: 0, Row: < 8 };
                Assert.Equal(isDamaged, sample.UsedId != sample.PlannedId);
                Assert.Equal(TestDataset.ImageOf(sample.UsedId), sample.Image);
            }
    }

    [Fact]
    public async Task ReadAsync_NoSoundRow_IsRefused()
    {
        var manifest = await TestDataset.WriteAsync(folder, [9], rowsPerGroup: 4, withoutImage: _ => true);
        var order = new StreamOrder(manifest.RowsPerShard(), seed: 3, globalBatch: 4, streams: 2, shuffleBlock: 4);
        await using var reader = new SampleReader(manifest, order);
        var error = await Assert.ThrowsAsync<BadInputException>(() => reader.ReadAsync(1, new SlotRange(0, 4)));
        Assert.Contains("it has no image", error.Message);
    }

    [Fact]
    public async Task ReadAsync_FileGone_ThrowsAndSucceedsOnceItIsBack()
    {
        var manifest = await TestDataset.WriteAsync(folder, [16], rowsPerGroup: 4);
        var order = new StreamOrder(manifest.RowsPerShard(), seed: 3, globalBatch: 8, streams: 2, shuffleBlock: 4);
        await using var reader = new SampleReader(manifest, order, time: new ImpatientTime());
        string path = manifest.Shards[0].Path;
        File.Move(path, path + ".gone");
        await Assert.ThrowsAnyAsync<IOException>(() => reader.ReadAsync(1, new SlotRange(0, 8)));

        File.Move(path + ".gone", path);
        AssertPlanned(order, 1, new SlotRange(0, 8), await reader.ReadAsync(1, new SlotRange(0, 8)));
    }

    [Fact]
    public async Task ReplacementsAsync_PlannedRowsThatDoNotDecode_FollowsTheOrder()
    {
        var manifest = await TestDataset.WriteAsync(folder, [30], rowsPerGroup: 4);
        var order = new StreamOrder(manifest.RowsPerShard(), seed: 3, globalBatch: 8, streams: 2, shuffleBlock: 4);
        await using var reader = new SampleReader(manifest, order);
        var used = new List<SampleId>();
        await foreach (var sample in reader.ReplacementsAsync(2, 5))
            used.Add(sample.UsedId);
        Assert.Equal(order.Replacements(2, 5), used);
    }

    [Fact]
    public async Task ReadAsync_NothingPrefetched_HoldsNoMoreThanReadMemoryAllows()
    {
        var manifest = await TestDataset.WriteAsync(folder, [90, 90], rowsPerGroup: 6);
        var order = new StreamOrder(manifest.RowsPerShard(), seed: 3, globalBatch: 6, streams: 2, shuffleBlock: 6);
        await using var reader = new SampleReader(manifest, order, prefetchLimit: 0);
        for (long step = 1; step <= 2 * order.StepsPerEpoch; step++)
        {
            await reader.ReadAsync(step, new SlotRange(0, 6));
            Assert.InRange(reader.BytesHeld, 1, ReadMemory.Needed(manifest, order));
        }
    }

    [Fact]
    public async Task ReadAsync_ShareWithOneStreamLess_LetsItsBlocksGo()
    {
        var manifest = await TestDataset.WriteAsync(folder, [90, 90], rowsPerGroup: 6);
        var order = new StreamOrder(manifest.RowsPerShard(), seed: 3, globalBatch: 6, streams: 2, shuffleBlock: 6);
        await using var reader = new SampleReader(manifest, order, prefetchLimit: 0);
        await using var alone = new SampleReader(manifest, order, prefetchLimit: 0);
        await reader.ReadAsync(1, new SlotRange(0, 6));
        for (long step = 2; step <= 6; step++)
        {
            await reader.ReadAsync(step, new SlotRange(3, 3));
            await alone.ReadAsync(step, new SlotRange(3, 3));
        }
        Assert.Equal(alone.BytesHeld, reader.BytesHeld);
    }

    [Fact]
    public async Task ReadAsync_FirstStepOfABlock_PrefetchesTheNextBlock()
    {
        var manifest = await TestDataset.WriteAsync(folder, [90], rowsPerGroup: 6);
        var order = new StreamOrder(manifest.RowsPerShard(), seed: 3, globalBatch: 2, streams: 1, shuffleBlock: 30);
        var map = new BlockMap(manifest);
        var twoBlocks = new[] { 0, 1 }.SelectMany(block => order.BlockSpans(0, 0, block)).SelectMany(map.Touched).ToHashSet();
        long expected = twoBlocks.Sum(id => manifest.Shards[0].Blocks[id.Block].Bytes);

        await using var reader = new SampleReader(manifest, order);
        var seen = new HashSet<BlockId>();
        for (long step = 1; step <= 15; step++) // the whole first block, so that all its groups are read
            foreach (var sample in await reader.ReadAsync(step, new SlotRange(0, 2)))
                seen.Add(map.Locate(sample.UsedId).Block);
        Assert.True(
            SpinWait.SpinUntil(() => reader.BytesHeld == expected, TimeSpan.FromSeconds(10)),
            $"{reader.BytesHeld} instead of {expected} bytes"
        );
        Assert.ProperSuperset(seen, twoBlocks);
    }

    private static void AssertPlanned(StreamOrder order, long step, SlotRange slots, EncodedSample[] samples)
    {
        Assert.Equal(order.Rows(step, slots), samples.Select(sample => sample.PlannedId));
        Assert.Equal(Enumerable.Range(slots.Start, slots.Count), samples.Select(sample => sample.Slot));
        Assert.All(samples, sample =>
        {
            Assert.Equal(sample.PlannedId, sample.UsedId);
            Assert.Equal(TestDataset.ImageOf(sample.UsedId), sample.Image);
            Assert.Equal(TestDataset.CaptionOf(sample.UsedId), sample.Caption);
        });
    }
}
