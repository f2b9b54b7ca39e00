using ClipDistributed.Data.Images;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Packing;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Tests.Images;
using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Data.Tests.Packing;

/// <summary>A folder of every format: each becomes a row with Pillow's pixels, and what is none is counted with its reason.</summary>
public sealed class ImageFormatPackingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task RunAsync_EveryFormat_BecomesARowWithItsPixels()
    {
        var expected = PillowFixture.Expected.OrderBy(image => image.Key, StringComparer.Ordinal).ToList();
        Directory.CreateDirectory(folder.File("in"));
        foreach (var (name, _) in expected)
            File.WriteAllBytes(folder.File($"in/{name}"), PillowFixture.Bytes(name));
        File.WriteAllBytes(folder.File("in/._rgb.png"), PillowFixture.Bytes("rgb.png"));
        var summary = await new FolderPacking(new PackOptions([folder.File("in")], folder.File("out"), PackOptions.Names)).RunAsync();
        Assert.Equal(expected.Count, summary.Rows);

        var shard = ManifestBuilder.Build([new SourceSpec { Path = folder.File("out") }]).Shards[0];
        var rows = await BlockReading.ReadAsync(shard, 0, BlockColumns.Image);
        for (int i = 0; i < expected.Count; i++)
            Assert.Equal(expected[i].Value.Pixels, ImageDecoder.Decode(rows.Images[i], 1 << 20).Pixels);
    }

    public void Dispose() => folder.Dispose();
}
