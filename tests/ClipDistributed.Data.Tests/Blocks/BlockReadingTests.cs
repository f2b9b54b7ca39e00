using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Streams;
using ClipDistributed.Data.Tests.Samples;

namespace ClipDistributed.Data.Tests.Blocks;

public sealed class BlockReadingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task ReadAsync_FileBackAfterTwoPauses_GivesItsRows()
    {
        var entry = (await TestDataset.WriteAsync(folder, [8], rowsPerGroup: 4)).Shards[0];
        File.Move(entry.Path, entry.Path + ".gone");
        var time = new ImpatientTime(pause =>
        {
            if (pause == 2)
                File.Move(entry.Path + ".gone", entry.Path);
        });
        var data = await BlockReading.ReadAsync(entry, 1, BlockColumns.Caption, time);
        Assert.Equal(TestDataset.CaptionOf(new SampleId(0, 4)), data.Captions[0]);
        Assert.All(data.Images, Assert.Null);
    }

    [Fact]
    public async Task ReadAsync_FileStaysAway_NamesItAndTheTries()
    {
        var entry = (await TestDataset.WriteAsync(folder, [8], rowsPerGroup: 4)).Shards[0];
        File.Delete(entry.Path);
        var time = new ImpatientTime();
        var error = await Assert.ThrowsAsync<IOException>(() => BlockReading.ReadAsync(entry, 0, BlockColumns.Image, time));
        Assert.Contains(entry.Path, error.Message);
        Assert.Contains("3 times", error.Message);
        Assert.Equal([200, 800], time.Pauses.Select(pause => (int)pause.TotalMilliseconds));
    }

    [Fact]
    public async Task ReadAsync_ShardChanged_IsNotTriedAgain()
    {
        var entry = (await TestDataset.WriteAsync(folder, [8], rowsPerGroup: 4)).Shards[0];
        var time = new ImpatientTime();
        await Assert.ThrowsAsync<ShardChangedException>(() =>
            BlockReading.ReadAsync(entry with { Length = 1 }, 0, BlockColumns.Image, time)
        );
        Assert.Empty(time.Pauses);
    }

    [Fact]
    public async Task Walk_DamagedBlock_IsShownAndTheRestRead()
    {
        var manifest = await TestDataset.WriteAsync(folder, [8, 4], rowsPerGroup: 4);
        TestDataset.Overwrite(manifest.Shards[0].Path, at: 4, count: 8);
        var walked = BlockReading.Walk(manifest, BlockColumns.Image).ToList();
        Assert.Equal([(0, false), (1, true), (0, true)], walked.Select(group => (group.Index, group.Data is not null)));
        Assert.Equal(TestDataset.ImageOf(new SampleId(1, 0)), walked[2].Data!.Images[0]);
    }

    [Fact]
    public async Task Captions_DamagedBlock_IsLeftOut()
    {
        var manifest = await TestDataset.WriteAsync(folder, [8, 4], rowsPerGroup: 4, withoutCaption: id => id.Row == 5);
        DamageCaptions(manifest.Shards[0], TestDataset.CaptionOf(new SampleId(0, 0)));
        var left = new[] { (0u, 4u), (0u, 6u), (0u, 7u), (1u, 0u), (1u, 1u), (1u, 2u), (1u, 3u) };
        Assert.Equal(left.Select(row => TestDataset.CaptionOf(new SampleId(row.Item1, row.Item2))), CaptionReader.Read(manifest));
    }

    [Fact]
    public async Task Captions_ImagesDamaged_AreReadAllTheSame()
    {
        var manifest = await TestDataset.WriteAsync(folder, [4], rowsPerGroup: 4);
        TestDataset.Overwrite(manifest.Shards[0].Path, at: 4, count: 8); // the images come first
        Assert.Equal(4, CaptionReader.Read(manifest).Count());
    }

    [Fact]
    public async Task Captions_EnoughRead_OpensNoFurtherShard()
    {
        var manifest = await TestDataset.WriteAsync(folder, [8, 4], rowsPerGroup: 4);
        File.Delete(manifest.Shards[1].Path);
        Assert.Equal(8, CaptionReader.Read(manifest, maxRows: 8).Count());
    }

    /// <summary>Overwrites the header of the page that begins with this caption.</summary>
    private static void DamageCaptions(ShardEntry entry, string first)
    {
        int at = File.ReadAllBytes(entry.Path).AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(first));
        TestDataset.Overwrite(entry.Path, at - 24, count: 24);
    }
}
