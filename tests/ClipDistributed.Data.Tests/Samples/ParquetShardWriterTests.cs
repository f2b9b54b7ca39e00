using ClipDistributed.Data.Samples;
using Parquet;

namespace ClipDistributed.Data.Tests.Samples;

public class ParquetShardWriterTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task AddAsync_ManyRows_CutsShardsAndRowGroups()
    {
        await using (
            var writer = new ParquetShardWriter(folder.Path, "demo", rowsPerShard: 10, rowsPerGroup: 4, new WrittenColumns(Label: "label"))
        )
            for (int row = 0; row < 23; row++)
                await writer.AddAsync([(byte)row], $"caption {row}", row % 3);

        Assert.Equal(["demo-00000.parquet", "demo-00001.parquet", "demo-00002.parquet"], FileNames());
        Assert.Equal("4 4 2", await GroupRowsAsync("demo-00000.parquet"));
        Assert.Equal("3", await GroupRowsAsync("demo-00002.parquet"));
    }

    [Fact]
    public async Task AddAsync_LabelWithoutColumn_IsRefused()
    {
        await using var writer = new ParquetShardWriter(folder.Path, "demo", 10, 4);
        await Assert.ThrowsAsync<ArgumentException>(() => writer.AddAsync([1], "one", label: 1));
    }

    [Fact]
    public async Task AddAsync_ShardInWork_HasNoParquetName()
    {
        await using var writer = new ParquetShardWriter(folder.Path, "demo", 10, 2);
        for (int row = 0; row < 5; row++)
            await writer.AddAsync([1], "one");
        Assert.Equal(["demo-00000.parquet.partial"], FileNames());
        Assert.Empty(writer.Shards);
    }

    [Fact]
    public async Task DisposeAsync_AfterAFailure_PublishesNothing()
    {
        var cancelled = new CancellationToken(canceled: true);
        await using (var writer = new ParquetShardWriter(folder.Path, "demo", 10, 2, new WrittenColumns(Label: "label")))
        {
            await writer.AddAsync([1], "one", 0);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writer.AddAsync([1], "one", 0, cancelled));
        }
        Assert.Empty(FileNames());
    }

    private string[] FileNames() =>
        [.. Directory.GetFiles(folder.Path).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private async Task<string> GroupRowsAsync(string name)
    {
        await using var reader = await ParquetReader.CreateAsync(folder.File(name));
        return string.Join(" ", reader.RowGroups.Select(group => group.RowCount));
    }
}
