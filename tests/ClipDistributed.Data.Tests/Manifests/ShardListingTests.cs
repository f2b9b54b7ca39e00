using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Verification;
using ParquetSharp;

namespace ClipDistributed.Data.Tests.Manifests;

/// <summary>What lies beside shards in folders that other tools wrote.</summary>
public sealed class ShardListingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("._a-00000.parquet")] // a copy by macOS
    [InlineData(".a-00000.parquet.crc")]
    [InlineData("_metadata")]
    [InlineData("_common_metadata.parquet")]
    [InlineData("_SUCCESS")]
    [InlineData("_temporary/0/part-0.parquet")]
    [InlineData(".ipynb_checkpoints/a-checkpoint.parquet")]
    [InlineData("a-00001.parquet.partial")]
    [InlineData("a.parquet.tmp")]
    [InlineData("README.md")]
    public async Task Build_StrayFileBesideShards_IsNoShard(string stray)
    {
        await WriteAsync("", "a");
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File(stray))!);
        File.WriteAllText(folder.File(stray), "Mac OS X");
        Assert.Equal(["a-00000.parquet"], Listed());
        Assert.Equal(["a-00000.parquet"], ImageSource.Find(folder.Path, "PATH").Shards.Select(Path.GetFileName));
    }

    [Fact]
    public async Task Build_NestedFoldersAndOtherEndings_AreReadInOrdinalOrder()
    {
        await WriteAsync("b/train", "y");
        await WriteAsync("b", "x");
        await WriteAsync("a", "z");
        await WriteAsync("", "c");
        File.Move(folder.File("c-00000.parquet"), folder.File("C.PARQUET"));
        File.Copy(folder.File("C.PARQUET"), folder.File("d.parq"));
        Directory.CreateSymbolicLink(folder.File("a/up"), folder.Path); // leads back up
        Assert.Equal(["C.PARQUET", "a/z-00000.parquet", "b/train/y-00000.parquet", "b/x-00000.parquet", "d.parq"], Listed());
        Assert.Equal(5, ImageSource.Find(folder.Path, "PATH").Shards.Count);
    }

    [Fact]
    public async Task Build_FoldersThatLinkToEachOther_AreReadOnce()
    {
        await WriteAsync("a", "x");
        await WriteAsync("b", "y");
        Directory.CreateSymbolicLink(folder.File("a/b"), "../b");
        Directory.CreateSymbolicLink(folder.File("b/a"), "../a");
        Assert.Equal(2, Listed().Count());
    }

    [Fact]
    public async Task Build_NamedByItself_MayHaveAnyName()
    {
        await WriteAsync("_data", "_a");
        Assert.Single(ManifestBuilder.Build([new SourceSpec { Path = folder.File("_data/_a-00000.parquet") }]).Shards);
        File.Move(folder.File("_data/_a-00000.parquet"), folder.File("_data/a.parquet"));
        Assert.Single(ManifestBuilder.Build([new SourceSpec { Path = folder.File("_data") }]).Shards);
    }

    [Fact]
    public async Task Build_FilesWithoutRows_ContributeNothingAndAreNamed()
    {
        await WriteAsync("", "a");
        File.WriteAllText(folder.File("b.parquet"), "");
        using (var writer = new ParquetFileWriter(folder.File("c.parquet"), [new Column<string>("unknown")]))
            writer.Close();
        var notices = new List<string>();
        var manifest = ManifestBuilder.Build([new SourceSpec { Path = folder.Path }], notice: notices.Add);
        Assert.Equal("a-00000.parquet", Path.GetFileName(Assert.Single(manifest.Shards).Path));
        Assert.Equal(2, notices.Count);
        Assert.Contains($"{folder.File("b.parquet")} has no rows (0 bytes)", notices[0], StringComparison.Ordinal);
        Assert.Contains($"{folder.File("c.parquet")} has no rows", notices[1], StringComparison.Ordinal);

        var verified = new DatasetVerification(new SourceSpec(), 1000).Run([ImageSource.Find(folder.Path, "PATH")], 1).ToList();
        Assert.Equal([false, true, true], verified.Select(part => part.IsEmpty));
        Assert.All(verified.Where(part => part.IsEmpty), part => Assert.Empty(part.Damaged));
        File.Delete(folder.File("a-00000.parquet"));
        Assert.Contains(
            "has no rows, and neither has the other file",
            Assert.Throws<BadInputException>(() => ManifestBuilder.Build([new SourceSpec { Path = folder.Path }])).Message
        );
    }

    private string[] Listed() =>
        [
            .. ManifestBuilder
                .Build([new SourceSpec { Path = folder.Path }])
                .Shards.Select(shard => Path.GetRelativePath(folder.Path, shard.Path)),
        ];

    private async Task WriteAsync(string inside, string prefix)
    {
        await using var writer = new ParquetShardWriter(folder.File(inside), prefix, 10, 10);
        await writer.AddAsync([1], "one");
    }
}
