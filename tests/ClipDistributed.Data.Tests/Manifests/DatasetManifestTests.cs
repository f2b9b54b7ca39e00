using System.Security.Cryptography;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Tests.Samples;

namespace ClipDistributed.Data.Tests.Manifests;

public class DatasetManifestTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Save_ThenLoad_GivesTheSameManifest()
    {
        var manifest = await TestDataset.WriteAsync(folder, [23, 8], rowsPerGroup: 5);
        manifest.Save(folder.File("manifest.json"));
        var loaded = DatasetManifest.Load(folder.File("manifest.json"));
        Assert.Equal(manifest.Digest, loaded.Digest);
        Assert.Equal((31L, 5L), (loaded.Rows, loaded.LargestBlock));
        Assert.Equal([23L, 8L], loaded.RowsPerShard());
    }

    [Fact]
    public void Digest_KnownManifest_NeverChanges()
    {
        var manifest = new DatasetManifest(
            1,
            [new ShardEntry("/data/ä.parquet", 1234, [new BlockEntry(3, 99)], "image", "caption", null)]
        );
        manifest.Save(folder.File("manifest.json"));
        Assert.Equal(
            """{"order_version":1,"shards":[{"path":"/data/\u00E4.parquet","length":1234,"blocks":[{"rows":3,"bytes":99}]"""
                + ""","image_column":"image","caption_column":"caption","label_column":null}]}""",
            File.ReadAllText(folder.File("manifest.json")));
        Assert.Equal("cb45dd2e502c92523e607f83130e124c5f1f314a6a6e7c1c8ed5becf534c0b50", manifest.Digest);
        Assert.Equal(manifest.Digest, DatasetManifest.Load(folder.File("manifest.json")).Digest);
        Assert.NotEqual(manifest.Digest, (manifest with { Shards = [manifest.Shards[0] with { Length = 1235 }] }).Digest);
    }

    [Fact]
    public void Load_RowGroupsOfAnOlderProgram_AreItsBlocks()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "fixtures", "cases", "runs", "older", "run", "manifest.json");
        var manifest = DatasetManifest.Load(path);
        Assert.Equal([new BlockEntry(160, 78951)], Assert.Single(manifest.Shards).Blocks);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path).AsSpan().TrimEnd((byte)'\n'))), manifest.Digest);
        Assert.Contains("\"row_groups\"", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "is damaged")]
    [InlineData("null", "is damaged")]
    [InlineData("""{"order_version":1}""", "is damaged")]
    [InlineData("""{"order_version":1,"shards":[]}""", "it has no shards")]
    [InlineData("""{"order_version":1,"shards":[null]}""", "shards[0] cannot be a shard")]
    [InlineData(
        """{"order_version":1,"shards":[{"path":"/a","length":1,"row_groups":[]"""
            + ""","image_column":"i","caption_column":null,"label_column":null}]}""",
        "shards[0] cannot be a shard"
    )]
    [InlineData(
        """{"order_version":1,"shards":[{"path":"/a","length":1,"row_groups":[{"rows":9223372036854775807,"bytes":1}"""
            + """,{"rows":9,"bytes":1}],"image_column":"i","caption_column":null,"label_column":null}]}""",
        "shards[0] cannot be a shard"
    )]
    [InlineData("""{"order_version":2,"shards":[]}""", "order_version 2")]
    public void Load_NoManifest_IsRefused(string content, string message)
    {
        File.WriteAllText(folder.File("bad.json"), content);
        Assert.Contains(message, Assert.Throws<BadInputException>(() => DatasetManifest.Load(folder.File("bad.json"))).Message);
    }

    [Fact]
    public void Load_MissingFile_IsRefusedWithItsPath() =>
        Assert.Contains(
            folder.File("none.json"),
            Assert.Throws<BadInputException>(() => DatasetManifest.Load(folder.File("none.json"))).Message
        );
}
