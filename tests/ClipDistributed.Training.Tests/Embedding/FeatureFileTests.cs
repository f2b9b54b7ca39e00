using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Model.Safetensors;
using ClipDistributed.Training.Embedding;
using Parquet;
using Parquet.Schema;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Embedding;

public sealed class FeatureFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("clipd-features-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Parquet_ManyPieces_AreReadBack()
    {
        string path = Path.Combine(folder, "e.parquet");
        const int rows = 10_000; // more than one row group
        using (var file = IFeatureFile.Create(path, "image_features", 3))
        {
            foreach (int[] piece in Enumerable.Range(0, rows).Chunk(128))
                file.Add([.. piece.Select(row => $"bild-ü {row}")], [.. piece.SelectMany(row => new[] { row, row + 0.25f, -row })]);
            file.Complete();
        }
        await using var reader = await ParquetReader.CreateAsync(path, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["id", "embedding"], reader.Schema.Fields.Select(field => field.Name));
        Assert.Equal(
            typeof(float),
            Assert.IsType<DataField>(Assert.IsType<ListField>(reader.Schema.Fields[1]).Item, exactMatch: false).ClrType
        );
        Assert.True(reader.RowGroupCount > 1);
        using (var group = reader.OpenRowGroupReader(1))
        {
            int before = (int)reader.RowGroups[0].RowCount, count = (int)group.RowCount;
            float[] values = new float[3 * count];
            int[] defined = new int[3 * count],
                repeated = new int[3 * count];
            await group.ReadRawAsync<float>(
                reader.Schema.GetDataFields()[1],
                values,
                defined,
                repeated,
                TestContext.Current.CancellationToken
            );
            Assert.Equal(Enumerable.Range(before, count).SelectMany(row => new[] { row, row + 0.25f, -row }), values);
            Assert.All(defined, level => Assert.Equal(3, level)); // list, its repetition and its element: all there
            Assert.Equal(Enumerable.Range(0, count).SelectMany(_ => new[] { 0, 1, 1 }), repeated);
        }
        Assert.Equal(rows, reader.RowGroups.Sum(group => group.RowCount));
        Assert.Equal(["e.parquet"], Directory.GetFiles(folder).Select(Path.GetFileName));
    }

    [Fact]
    public void Safetensors_ManyPieces_AreReadBack()
    {
        string path = Path.Combine(folder, "e.safetensors");
        using (var file = IFeatureFile.Create(path, "text_features", 2))
        {
            file.Add(["a \"red\" circle", "größe"], [1, 2, 3, 4]);
            file.Add(["c"], [5, 6]);
            file.Complete();
        }
        using var scope = NewDisposeScope();
        using var read = SafetensorsFile.Open(path);
        var features = read.Load("text_features");
        Assert.Equal([3, 2], features.shape);
        Assert.Equal([1, 2, 3, 4, 5, 6], features.data<float>().ToArray());
        Assert.Equal(["a \"red\" circle", "größe", "c"], JsonSerializer.Deserialize<string[]>(read.Metadata["names"])!);
        Assert.Equal(["e.safetensors"], Directory.GetFiles(folder).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("e.parquet")]
    [InlineData("e.safetensors")]
    public void Dispose_NotCompleted_LeavesNothing(string name)
    {
        using (var file = IFeatureFile.Create(Path.Combine(folder, name), "image_features", 2))
            file.Add(["a"], [1, 2]);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void Create_UnusablePath_IsRefusedWithTheReason()
    {
        string existing = Path.Combine(folder, "there.parquet");
        File.WriteAllText(existing, "");
        Assert.Contains("exists; name a new file", Refusal(existing));
        Assert.Contains("end it with .parquet or .safetensors", Refusal(Path.Combine(folder, "e.csv")));
        Assert.Contains("does not exist; make it", Refusal(Path.Combine(folder, "no", "e.parquet")));
    }

    private static string Refusal(string path) =>
        Assert.Throws<BadInputException>(() => IFeatureFile.Create(path, "image_features", 2)).Message;
}
