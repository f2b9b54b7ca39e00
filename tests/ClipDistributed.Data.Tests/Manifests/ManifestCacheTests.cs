using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Tests.Samples;
using ClipDistributed.Data.Tests.Tars;

namespace ClipDistributed.Data.Tests.Manifests;

public sealed class ManifestCacheTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public ManifestCacheTests() => Directory.CreateDirectory(Data);

    private string Data => folder.File("data");

    private string CacheFile => Assert.Single(Directory.GetFiles(folder.File("cache")));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Build_SecondTime_OpensNoShard()
    {
        WriteTwo();
        string digest = Build().Digest;
        Spoil();
        var second = Build();
        Assert.Equal(digest, second.Digest);
        Assert.Equal(["a.tar", "b.tar"], second.Shards.Select(shard => shard.Name));
        Assert.Throws<BadInputException>(() => Build(new ManifestCache(null)));
    }

    [Fact]
    public void Build_ShardChanged_IsDescribedAnew()
    {
        WriteTwo();
        Assert.Equal(3, Build().Rows);
        Write("b", age: 9, "c.jpg=1", "c.txt=C"); // as long, another time
        Assert.Equal(2, Build().Rows);
        Write("b", age: 9, "c.jpg=1", "c.txt=C", "d.jpg=1", "d.txt=D", "e.jpg=1", "e.txt=E"); // of the same time, longer
        Assert.Equal(4, Build().Rows);
        Write("c", age: 9, "f.jpg=1", "f.txt=F");
        Assert.Equal(5, Build().Rows);
        File.Delete(Path.Combine(Data, "a.tar"));
        Assert.Equal(4, Build().Rows);
    }

    [Fact]
    public void Build_LinkToAShard_FollowsWhatItLeadsTo()
    {
        WriteTwo();
        File.Move(Path.Combine(Data, "b.tar"), folder.File("elsewhere.tar"));
        File.CreateSymbolicLink(Path.Combine(Data, "b.tar"), folder.File("elsewhere.tar"));
        Assert.Equal(3, Build().Rows);
        File.WriteAllBytes(folder.File("elsewhere.tar"), TarBytes.OfTexts("c.jpg=1", "c.txt=C"));
        Assert.Equal(2, Build().Rows);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("\"shards\":[", "\"shards\":")]
    [InlineData("\"version\":1,", "\"version\":2,")]
    [InlineData("\"rows\":2", "\"rows\":-2")]
    [InlineData("\"rows\":2", "\"rows\":9223372036854775807")]
    [InlineData("\"start\":0", "\"start\":99999999")]
    [InlineData("\"format\":\"tar\"", "\"format\":\"rar\"")]
    [InlineData("\"shard\":{\"path\":\"", "\"shard\":{\"path\":\"/other")]
    [InlineData("\"shard\":{", "\"shard\":[{")]
    [InlineData("\"image_column\":\"jpg\"", "\"image_column\":null")]
    public void Build_CacheDamagedOrHostile_IsIgnoredAndMadeAnew(string from, string to)
    {
        WriteTwo();
        string digest = Build().Digest;
        string sound = File.ReadAllText(CacheFile);
        File.WriteAllText(CacheFile, from == "" ? sound[..(sound.Length / 2)] : sound.Replace(from, to, StringComparison.Ordinal));
        Assert.Equal(digest, Build().Digest);
        Assert.Equal(sound, File.ReadAllText(CacheFile));
    }

    [Fact]
    public void Build_CacheIsAFolderOrALink_IsDescribedAllTheSame()
    {
        WriteTwo();
        string digest = Build().Digest;
        string file = CacheFile;
        File.Delete(file);
        Directory.CreateDirectory(file);
        Assert.Equal(digest, Build().Digest);
        Directory.Delete(file);
        File.CreateSymbolicLink(file, "/dev/zero");
        Assert.Equal(digest, Build().Digest);
        Assert.Null(new FileInfo(file).LinkTarget); // replaced, not followed
    }

    [Fact]
    public void Build_CacheCannotBeWritten_IsDescribedAllTheSame()
    {
        WriteTwo();
        File.WriteAllText(folder.File("cache"), "a file is there");
        Assert.Equal(3, Build().Rows);
    }

    [Fact]
    public void Build_ShardJustWritten_IsNotRemembered()
    {
        WriteTwo();
        File.SetLastWriteTimeUtc(Path.Combine(Data, "b.tar"), DateTime.UtcNow);
        Build();
        Assert.DoesNotContain("b.tar", File.ReadAllText(CacheFile), StringComparison.Ordinal);
        Assert.Contains("a.tar", File.ReadAllText(CacheFile), StringComparison.Ordinal);
    }

    [Fact]
    public void Build_OtherColumnsOrNeeds_AreCachedByThemselves()
    {
        Write("a", age: 5, "a.jpg=1", "a.png=2", "a.txt=A");
        Assert.Equal("jpg;png", Build().Shards[0].ImageColumn);
        Assert.Equal("png", Build(source: new SourceSpec { ImageColumn = "png" }).Shards[0].ImageColumn);
        Assert.Equal("jpg;png", Build().Shards[0].ImageColumn);
        Assert.Equal(2, Directory.GetFiles(folder.File("cache")).Length);
    }

    [Fact]
    public async Task Build_SmallParquetSet_IsNotWorthAFile()
    {
        using var parquet = new TemporaryFolder();
        await TestDataset.WriteAsync(parquet, [4], rowsPerGroup: 2);
        ManifestBuilder.Build([new SourceSpec { Path = parquet.Path }], cache: new ManifestCache(folder.File("cache")));
        Assert.False(Directory.Exists(folder.File("cache")));
    }

    [Fact]
    public void Build_SecondFolderOnly_IsReadAndTheFirstWritten()
    {
        WriteTwo();
        var cache = Cache(null);
        string digest = Build(cache).Digest;
        cache.SaveTo(folder.File("run/cache"));
        Spoil();
        Assert.Equal(digest, Build(Cache(folder.File("cache"), folder.File("run/cache"))).Digest);
        Assert.Equal(digest, Build().Digest);
    }

    [Fact]
    public async Task Build_ManyAtOnce_NeverLeaveAHalfFile()
    {
        for (int i = 0; i < 40; i++)
            Write($"{i:D2}", age: 5, $"{i}.jpg=1", $"{i}.txt=A");
        string digest = Build(new ManifestCache(null)).Digest;
        await Parallel.ForEachAsync(Enumerable.Range(0, 24), new ParallelOptions { MaxDegreeOfParallelism = 6 }, (i, _) =>
        {
            if (i % 3 == 0 && Directory.Exists(folder.File("cache")))
                Array.ForEach(Directory.GetFiles(folder.File("cache"), "*.json"), File.Delete);
            Assert.Equal(digest, Build().Digest);
            return ValueTask.CompletedTask;
        });
        Spoil();
        Assert.Equal(digest, Build().Digest);
        Assert.Single(Directory.GetFiles(folder.File("cache"))); // no temporary one
    }

    [Fact]
    public void Build_ManySources_KeepTheNewestFiles()
    {
        WriteTwo();
        for (int i = 0; i < 40; i++)
            Build(source: new SourceSpec { CaptionColumn = "txt", ImageColumn = "jpg" + new string(';', i) });
        Assert.Equal(32, Directory.GetFiles(folder.File("cache")).Length);
    }

    private static ManifestCache Cache(string? first, string? second = null) => new(first, second) { MinTime = TimeSpan.Zero };

    private DatasetManifest Build(ManifestCache? cache = null, SourceSpec? source = null)
    {
        var spec = source?.Clone() ?? new SourceSpec();
        spec.Path = Data;
        return ManifestBuilder.Build([spec], cache: cache ?? Cache(folder.File("cache")));
    }

    private void WriteTwo()
    {
        Write("a", age: 5, "a.jpg=1", "a.txt=A");
        Write("b", age: 5, "b.jpg=1", "b.txt=B", "c.jpg=1", "c.txt=C");
    }

    private void Write(string name, int age, params string[] members)
    {
        string file = Path.Combine(Data, name + ".tar");
        File.WriteAllBytes(file, TarBytes.OfTexts(members));
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.Date.AddDays(-age));
    }

    /// <summary>All shards become useless, without another length or time.</summary>
    private void Spoil()
    {
        foreach (string file in Directory.GetFiles(Data))
        {
            var time = File.GetLastWriteTimeUtc(file);
            File.WriteAllBytes(file, Enumerable.Repeat((byte)0xFF, (int)new FileInfo(file).Length).ToArray());
            File.SetLastWriteTimeUtc(file, time);
        }
    }
}
