using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Demo;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Samples;
using ClipDistributed.Reporting.Datasets;

namespace ClipDistributed.Reporting.Tests.Datasets;

public sealed class DatasetSampleTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("clipd-sample-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task ReadAsync_ManyRows_TakesThemFromAllOverTheDataset()
    {
        var manifest = await WriteAsync(rows: 200, rowsPerShard: 60, rowsPerGroup: 20);
        var sample = await DatasetSample.ReadAsync(manifest, 25);
        var labels = sample.Rows.Select(row => int.Parse(row.Label!)).ToList();
        Assert.Equal(25, labels.Distinct().Count());
        Assert.Equal(labels.Order(), labels);
        Assert.Equal(0, labels[0]);
        Assert.True(labels[^1] >= 180, $"the last row is {labels[^1]}");
        Assert.All(sample.Rows, row => Assert.Equal($"caption number {row.Label}", row.Caption));
    }

    [Fact]
    public async Task ReadAsync_FewerRowsThanWanted_TakesAll()
    {
        var manifest = await WriteAsync(rows: 7, rowsPerShard: 4, rowsPerGroup: 3);
        Assert.Equal(7, (await DatasetSample.ReadAsync(manifest, 100)).Rows.Count);
        Assert.Single((await DatasetSample.ReadAsync(manifest, 1)).Rows);
    }

    [Fact]
    public async Task ReadAsync_DamagedBlock_IsNamedAndPassedOver()
    {
        var manifest = await WriteAsync(rows: 7, rowsPerShard: 4, rowsPerGroup: 2);
        using (var file = File.OpenWrite(manifest.Shards[0].Path))
        {
            file.Position = 4; // the header of the first page
            file.Write(Enumerable.Repeat((byte)0xFF, 8).ToArray());
        }
        var sample = await DatasetSample.ReadAsync(manifest, 100);
        Assert.Equal(["2", "3", "4", "5", "6"], sample.Rows.Select(row => row.Label));
        Assert.Contains(manifest.Shards[0].Path, Assert.Single(sample.Damage));
    }

    [Fact]
    public async Task ImageKinds_MixedRows_CountsFormatsAndSizes()
    {
        var manifest = await WriteAsync(rows: 10, rowsPerShard: 10, rowsPerGroup: 10);
        var sample = await DatasetSample.ReadAsync(manifest, 10);
        var mixed = sample with { Rows = [.. sample.Rows, new SampledRow(null, null, null), new SampledRow([1, 2], "two words", null)] };
        Assert.Equal([("PNG 32 x 32", 9), ("PNG 48 x 48", 1), ("no image", 1), ("not an image", 1)], mixed.ImageKinds);
        Assert.Equal([2, .. Enumerable.Repeat(3, 10)], mixed.CaptionWords);
    }

    private async Task<DatasetManifest> WriteAsync(int rows, int rowsPerShard, int rowsPerGroup)
    {
        var scenes = new SceneGenerator(1);
        await using (var writer = new ParquetShardWriter(folder, "some", rowsPerShard, rowsPerGroup, new WrittenColumns(Label: "label")))
        {
            for (int row = 0; row < rows; row++)
            {
                var image = new SceneRenderer(1, row == 3 ? 48 : 32).Render(
                    scenes.Generate(ShapesSplit.Train, row),
                    ShapesSplit.Train,
                    row
                );
                await writer.AddAsync(image, $"caption number {row}", row);
            }
        }
        return ManifestBuilder.Build([new SourceSpec { Path = folder }]);
    }
}
