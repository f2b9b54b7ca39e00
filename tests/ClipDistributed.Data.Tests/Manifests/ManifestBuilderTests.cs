using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Tests.Samples;
using Parquet.Schema;

namespace ClipDistributed.Data.Tests.Manifests;

public class ManifestBuilderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Build_NoCaptionColumn_IsRefusedUnlessCaptionsAreNotNeeded()
    {
        var image = new DataField("image", typeof(byte[]));
        var label = new DataField("label", typeof(string));
        await TestDataset.WriteFileAsync(
            folder.File("exported.parquet"),
            (
                image,
                group =>
                    group.WriteAsync(
                        image,
                        [
                            [1],
                        ]
                    )
            ),
            (label, group => group.WriteAsync(label, ["a"]))
        );
        var source = new SourceSpec { Path = folder.Path };
        Assert.Contains("no caption column", Assert.Throws<BadInputException>(() => ManifestBuilder.Build([source])).Message);

        var shard = Assert.Single(ManifestBuilder.Build([source], "data.validation", ColumnNeeds.Images).Shards);
        Assert.Equal((null, "label", 1L), (shard.CaptionColumn, shard.LabelColumn, shard.Rows));
        source.CaptionColumn = "words";
        Assert.Contains(
            "'words'",
            Assert.Throws<BadInputException>(() => ManifestBuilder.Build([source], "data.validation", ColumnNeeds.Images)).Message
        );
    }

    // Numbers belong to fields of a spec.
    [Theory]
    [InlineData("data.train", "data.train[0].path: /none does not exist")]
    [InlineData("", "/none does not exist")]
    [InlineData("--data", "--data: /none does not exist")]
    public void Build_MissingPath_IsNamedAsTheUserGaveIt(string key, string expected) =>
        Assert.StartsWith(
            expected,
            Assert.Throws<BadInputException>(() => ManifestBuilder.Build([new SourceSpec { Path = "/none" }], key)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public async Task Build_FolderAndFile_ListsShardsInOrdinalOrderWithAbsolutePaths()
    {
        await TestDataset.WriteAsync(folder, [5, 9, 4], rowsPerGroup: 4);
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, folder.Path);
        var manifest = ManifestBuilder.Build([new SourceSpec { Path = relative, ImageColumn = "auto" }]);

        Assert.Equal(1, manifest.OrderVersion);
        Assert.Equal(new[] { 0, 1, 2 }.Select(i => folder.File($"shard-{i}-00000.parquet")), manifest.Shards.Select(shard => shard.Path));
        Assert.Equal([5L, 9L, 4L], manifest.RowsPerShard());
        Assert.Equal([4L, 4L, 1L], manifest.Shards[1].Blocks.Select(block => block.Rows));
        Assert.Equal((18L, 4L), (manifest.Rows, manifest.LargestBlock));
        Assert.All(manifest.Shards, shard => Assert.Equal(new FileInfo(shard.Path).Length, shard.Length));
        Assert.All(manifest.Shards[1].Blocks, group => Assert.InRange(group.Bytes, group.Rows * 40, group.Rows * 80 + 200));
        Assert.Equal(
            manifest.Shards[2],
            Assert.Single(ManifestBuilder.Build([new SourceSpec { Path = manifest.Shards[2].Path }]).Shards) with
            {
                Blocks = manifest.Shards[2].Blocks,
            }
        );
    }

    [Fact]
    public void Build_FolderOfImages_NamesTheCommandThatPacksThem()
    {
        string images = Path.GetDirectoryName(folder.File("deep/images/a.JPG"))!;
        Directory.CreateDirectory(images);
        File.WriteAllText(Path.Combine(images, "a.JPG"), "");
        string refused = Assert.Throws<BadInputException>(() => ManifestBuilder.Build([new SourceSpec { Path = images }])).Message;
        Assert.EndsWith($"it holds images, of which clipd data pack {images} --out DIR makes some.", refused, StringComparison.Ordinal);
        string unlabelled = Assert
            .Throws<BadInputException>(() => ManifestBuilder.Build([new SourceSpec { Path = images }], "--data", ColumnNeeds.Labelled))
            .Message;
        Assert.EndsWith($"of which clipd data pack {images} --labels folders --out DIR makes some.", unlabelled, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Build_ShardsWithoutLabels_NamesTheCommandThatMakesThem()
    {
        await TestDataset.WriteAsync(folder, [5], rowsPerGroup: 4);
        string refused = Assert
            .Throws<BadInputException>(() => ManifestBuilder.Build([new SourceSpec { Path = folder.Path }], "--data", ColumnNeeds.Labelled))
            .Message;
        Assert.EndsWith("clipd data pack FOLDER --labels folders --out DIR makes shards with labels.", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Build_EverythingWrong_IsReportedAtOnce()
    {
        Directory.CreateDirectory(folder.File("empty"));
        Directory.CreateDirectory(folder.File("deep/inside"));
        File.WriteAllText(folder.File("deep/inside/x.parquet"), "x");
        File.WriteAllText(folder.File("text.parquet"), "this is not a Parquet file at all");
        File.WriteAllText(folder.File("short.parquet"), "PAR1");
        await WriteImagesAsync(folder.File("none.parquet"), rows: 0);
        await WriteImagesAsync(folder.File("cut.parquet"), rows: 3);
        using (var file = File.OpenWrite(folder.File("cut.parquet")))
            file.SetLength(file.Length - 5);

        string[] paths = ["missing", "empty", "deep", "text.parquet", "short.parquet", "none.parquet", "cut.parquet"];
        var error = Assert.Throws<BadInputException>(() =>
            ManifestBuilder.Build(
                [.. paths.Select(path => new SourceSpec { Path = folder.File(path) }), new SourceSpec()],
                "data.validation"
            )
        );
        string[] expected =
        [
            "does not exist", "has no shards (*.parquet, *.tar)", "it has 1 byte", "does not begin with PAR1",
            "it has 4 bytes", "has no rows", "its end is missing", "path is empty",
        ];
        Assert.Equal(expected.Length, error.Errors.Count);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.StartsWith($"data.validation[{i}]", error.Errors[i]);
            Assert.Contains(expected[i], error.Errors[i]);
            Assert.Contains(i < paths.Length ? folder.File(paths[i]) : "", error.Errors[i]);
            Assert.DoesNotContain('\n', error.Errors[i]);
        }
    }

    [Fact]
    public async Task Build_WrongColumns_ListsThoseThatExist()
    {
        await TestDataset.WriteAsync(folder, [3], rowsPerGroup: 4);
        var source = new SourceSpec { Path = folder.Path, ImageColumn = "picture", CaptionColumn = "image_text", LabelColumn = "kind" };
        var error = Assert.Throws<BadInputException>(() => ManifestBuilder.Build([source]));
        Assert.Equal(3, error.Errors.Count);
        Assert.All(error.Errors, line => Assert.Contains("its columns are image (bytes), caption (text)", line));
        Assert.Contains(error.Errors, line => line.Contains("no image column 'picture'") && line.Contains("image_column"));
        Assert.Contains(error.Errors, line => line.Contains("no label column 'kind'") && line.Contains("label_column"));
    }

    [Fact]
    public async Task Build_ColumnOfTheWrongType_IsRefused()
    {
        await TestDataset.WriteAsync(folder, [3], rowsPerGroup: 4);
        var error = Assert.Throws<BadInputException>(() =>
            ManifestBuilder.Build([new SourceSpec { Path = folder.Path, ImageColumn = "caption" }])
        );
        Assert.Contains("no image column 'caption' that holds bytes", Assert.Single(error.Errors));
    }

    [Fact]
    public async Task Build_UnusualNames_AreTakenFromTheSpec()
    {
        await using (var writer = new ParquetShardWriter(folder.Path, "a", 9, 9, new WrittenColumns("blob", "words", "kind")))
            await writer.AddAsync([1], "one", 2);
        var source = new SourceSpec { Path = folder.Path, ImageColumn = "blob", CaptionColumn = "words", LabelColumn = "kind" };
        var shard = Assert.Single(ManifestBuilder.Build([source]).Shards);
        Assert.Equal(("blob", "words", "kind"), (shard.ImageColumn, shard.CaptionColumn, shard.LabelColumn));

        var error = Assert.Throws<BadInputException>(() => ManifestBuilder.Build([new SourceSpec { Path = folder.Path }]));
        Assert.Equal(2, error.Errors.Count);
    }

    [Fact]
    public async Task Build_ManyBadShards_ReportsTheFirstAndTheNumberOfTheOthers()
    {
        for (int i = 0; i < 9; i++)
            await File.WriteAllTextAsync(folder.File($"{i}.parquet"), "no Parquet file");
        var error = Assert.Throws<BadInputException>(() => ManifestBuilder.Build([new SourceSpec { Path = folder.Path }]));
        Assert.Equal(6, error.Errors.Count);
        Assert.Contains(folder.File("0.parquet"), error.Errors[0]);
        Assert.Contains("4 more", error.Errors[5]);
    }

    [Theory]
    [InlineData("link", "real")] // to its folder
    [InlineData("real/again.parquet", null)] // to the file, beside it
    public async Task Build_SameShardBehindALink_IsRefused(string link, string? other)
    {
        await using (var writer = new ParquetShardWriter(folder.File("real"), "a", 10, 10))
            await writer.AddAsync([1], "one");
        if (other is null)
            File.CreateSymbolicLink(folder.File(link), folder.File("real/a-00000.parquet"));
        else
            Directory.CreateSymbolicLink(folder.File(link), folder.File("real"));
        SourceSpec[] sources =
        [
            new() { Path = folder.File("real") },
            .. other is null ? [] : new[] { new SourceSpec { Path = folder.File(link) } },
        ];
        string refused = Assert.Throws<BadInputException>(() => ManifestBuilder.Build(sources)).Message;
        Assert.Contains(
            $"names the shard {folder.File("real/a-00000.parquet")} 2 times (also as {folder.File(link)}",
            refused,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Build_SameShardTwice_IsRefused()
    {
        await TestDataset.WriteAsync(folder, [3], rowsPerGroup: 4);
        var source = new SourceSpec { Path = folder.Path };
        Assert.Contains("2 times", Assert.Throws<BadInputException>(() => ManifestBuilder.Build([source, source])).Message);
        Assert.Contains("is empty", Assert.Throws<BadInputException>(() => ManifestBuilder.Build([])).Message);
    }

    private static async Task WriteImagesAsync(string path, int rows)
    {
        var image = new DataField("image", typeof(byte[]));
        var caption = new DataField("caption", typeof(string));
        await TestDataset.WriteFileAsync(
            path,
            (image, group => group.WriteAsync(image, [.. Enumerable.Repeat(new byte[] { 1 }, rows)])),
            (caption, group => group.WriteAsync(caption, [.. Enumerable.Repeat("text", rows)])));
    }
}
