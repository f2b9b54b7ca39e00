using System.Diagnostics;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Tests.Samples;
using ClipDistributed.TestKit.ParquetFiles;

namespace ClipDistributed.Data.Tests.ParquetFiles;

/// <summary>Files that were made to end a process, or to take its memory or its time.</summary>
public sealed class HostileFilesTests : IDisposable
{
    private const BlockColumns AllColumns = BlockColumns.Image | BlockColumns.Caption | BlockColumns.Label;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("02-snappy-claims-2GB", "claims")]
    [InlineData("07-zstd-2GB-1", "claims")]
    [InlineData("13-rows-lie-2G", "claims more rows")]
    [InlineData("14-rows-lie-100M", "claims more rows")]
    [InlineData("22-value-length-2GB", "fewer or shorter values")]
    [InlineData("39-rle-run-2G", null)] // the run is cut where its page ends; the rows are sound
    public void Read_LyingCase_HasOneLineAndLittleMemory(string name, string? line)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var outcome = Record.Exception(() => ReadAll(Case(name)));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50 << 20);
        if (line is null)
            Assert.Null(outcome);
        else
            Assert.Contains(line, outcome!.Message, StringComparison.Ordinal);
        Assert.True(outcome is null or BadInputException or DamagedShardException, outcome?.ToString());
    }

    // Written by Parquet.Net as REQUIRED and as OPTIONAL.
    [Fact]
    public void ReadBlock_RequiredColumns_GiveTheRowsOfTheirNullableTwin()
    {
        var required = ReadAll(Case("net-req"));
        var optional = ReadAll(Case("net-opt"));
        Assert.NotEmpty(required.Images);
        Assert.All(required.Images, Assert.NotNull);
        Assert.Equal(optional.Images, required.Images);
        Assert.Equal(optional.Captions, required.Captions);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(8_000)]
    [InlineData(90_000)]
    public void Build_SchemaNestedDeep_IsRefused(int depth)
    {
        var schema = new ThriftNode.Sequence(Enumerable.Range(0, depth).Select(i => new ThriftNode.Record((3, 1), (4, $"g{i}"), (5, 1))));
        schema.Items.Add(new ThriftNode.Record((1, 6), (3, 1), (4, "image")));
        Write(schema, new ThriftNode.Sequence());
        Assert.Contains("nested deeper than 32", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Build_StructuresNestedDeepInUnknownFields_IsRefused()
    {
        ThriftNode deep = new ThriftNode.Record();
        for (int i = 0; i < 2_000; i++)
            deep = new ThriftNode.Record((1, deep));
        Write(new ThriftNode.Sequence(new ThriftNode.Record((4, "root"), (5, 0), (17, deep))), new ThriftNode.Sequence());
        Assert.Contains("damaged", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Build_AMillionRowGroups_IsRefusedAtOnce()
    {
        var group = new ThriftNode.Record((1, new ThriftNode.Sequence()), (3, 0L));
        Write(
            new ThriftNode.Sequence(new ThriftNode.Record((4, "root"), (5, 0))),
            new ThriftNode.Sequence(Enumerable.Repeat(group, 1_000_000))
        );
        var clock = Stopwatch.StartNew();
        Assert.Contains("1,000,000 row groups", Refusal(), StringComparison.Ordinal);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"it took {clock.Elapsed}");
    }

    [Fact]
    public async Task Build_ManyRowGroups_AreReadInTheirOrder()
    {
        var manifest = await TestDataset.WriteAsync(folder, [900], rowsPerGroup: 1);
        Assert.Equal(900, manifest.Shards[0].Blocks.Count);
        Assert.Equal(900, BlockReading.Walk(manifest, BlockColumns.Caption).Sum(group => group.Data!.Rows));
    }

    private static string Case(string name) => Fixtures.File("cases", "parquet", $"{name}.parquet");

    private static BlockData ReadAll(string path)
    {
        var entry = Assert.Single(ManifestBuilder.Build([new SourceSpec { Path = path }], needs: ColumnNeeds.Images).Shards);
        return BlockReading.ReadOnce(entry, 0, AllColumns);
    }

    private string Refusal() =>
        Assert.Single(
            Assert.Throws<BadInputException>(() => ManifestBuilder.Build([new SourceSpec { Path = folder.File("a.parquet") }])).Errors
        );

    private void Write(ThriftNode schema, ThriftNode groups)
    {
        byte[] footer = new ThriftNode.Record((1, 1), (2, schema), (3, 0L), (4, groups)).ToBytes();
        File.WriteAllBytes(folder.File("a.parquet"), [.. "PAR1"u8, .. footer, .. BitConverter.GetBytes(footer.Length), .. "PAR1"u8]);
    }
}
