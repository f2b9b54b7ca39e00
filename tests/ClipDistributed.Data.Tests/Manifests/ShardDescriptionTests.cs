using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Tests.Samples;
using ClipDistributed.Data.Tests.Tars;

namespace ClipDistributed.Data.Tests.Manifests;

public sealed class ShardDescriptionTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Read_EveryFormat_EntryLeadsBackToIt()
    {
        await TestDataset.WriteAsync(folder, [3], rowsPerGroup: 2);
        File.WriteAllBytes(folder.File("a.tar"), TarBytes.OfTexts("a.jpg=1", "a.txt=A"));
        var files = Directory.GetFiles(folder.Path).ToDictionary(file => ShardFormats.ByName(file)!);
        Assert.Equal(ShardFormats.All.Count, files.Count);
        foreach (var (format, file) in files)
            Assert.Same(format, ShardFormats.Of(Read(file)));
    }

    /// <summary>Digests of manifests of Parquet files are older than the field.</summary>
    [Fact]
    public async Task Read_Parquet_NamesNoFormat()
    {
        await TestDataset.WriteAsync(folder, [3], rowsPerGroup: 2);
        Assert.Null(Read(Assert.Single(Directory.GetFiles(folder.Path))).Format);
    }

    private static ShardEntry Read(string file) => ShardDescription.Read(file, new SourceSpec(), ColumnNeeds.Pairs)!;
}
