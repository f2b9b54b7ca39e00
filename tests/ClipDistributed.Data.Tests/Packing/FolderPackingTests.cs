using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Packing;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Shards;
using ClipDistributed.Data.Tests.Images;
using ClipDistributed.TestKit.Images;

namespace ClipDistributed.Data.Tests.Packing;

public sealed class FolderPackingTests : FolderPackingBase
{
    [Fact]
    public async Task RunAsync_Sidecars_KeepsBytesInOrderOfTheNames()
    {
        Put("b/two.png", PreprocessFixture.Bytes("rgb_odd.png"), "  the second\n");
        Put("a.jpg", PreprocessFixture.Bytes("rgb_420.jpg"), "the first");
        Put("B.jpeg", PreprocessFixture.Bytes("gray.jpg"), "upper case sorts before");
        Put("lonely.png", PreprocessFixture.Bytes("gray.png"), null);
        Put("mute.png", PreprocessFixture.Bytes("gray.png"), " \n");
        Put("notes.md", "no picture"u8.ToArray(), null);
        var summary = await PackAsync(Options());
        Assert.Equal((1, 3L), (summary.Shards, summary.Rows));
        Assert.Equal(
            ["has an empty caption: 1 mute.png", "has no .txt file beside it: 1 lonely.png", "is not an image: 1 notes.md"],
            LeftOut(summary)
        );
        var rows = await RowsAsync("out");
        Assert.Equal(["upper case sorts before", "the first", "the second"], rows.Captions);
        Assert.Equal(PreprocessFixture.Bytes("rgb_420.jpg"), rows.Images[1]);
    }

    [Fact]
    public async Task RunAsync_DamagedFiles_AreLeftOutAndCounted()
    {
        Put("good.png", PreprocessFixture.Bytes("gray.png"), null);
        Put("empty.png", [], null);
        Put("page.jpg", "<html>"u8.ToArray(), null);
        Put("cut.jpg", PreprocessFixture.Bytes("rgb_420.jpg")[..3000], null);
        Put("bomb.png", PngBytes.Write(20_000, 20_000, 8, 2, [.. new byte[64]]), null);
        File.CreateSymbolicLink(Folder.File("in/broken.png"), Folder.File("nowhere.png"));
        var summary = await PackAsync(Options());
        Assert.Equal(1, summary.Rows);
        Assert.Equal(
            [
                "has 20000x20000 pixels, the limit is 100000000 in all",
                "has no bytes",
                "is a JPEG cut short",
                "is a link to nothing, or was removed",
                "is in no format that can be read (JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, JPEG 2000)",
            ],
            summary.LeftOut.Keys
        );
    }

    // The pieces of work differ, the bytes do not; a run that was stopped in the middle goes on behind its last shard.
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task RunAsync_StoppedAndRunAgain_GivesTheBytesOfAnUndisturbedRun(int workers)
    {
        for (int i = 0; i < 40; i++)
            Put($"{i % 7}/red-circle_{i:00}.png", i % 9 == 4 ? [1, 2] : PngBytes.Write(3 + i, 5, 8, 2, new byte[(3 + i) * 15]), null);
        var options = Options() with { RowsPerShard = 5, Workers = workers };
        var whole = await PackAsync(options);
        Assert.Equal((8, 36L), (whole.Shards, whole.Rows));

        using var stop = new CancellationTokenSource();
        var stopped = options with { Output = Folder.File("again") };
        var part = await new FolderPacking(stopped).RunAsync((done, _) => { if (done == 23) stop.Cancel(); }, stop.Token);
        Assert.Equal((17, 21L), (part.Remaining, part.Rows));
        int before = Directory.GetFiles(stopped.Output, "*.parquet").Length;
        Assert.Equal(part.Shards, before);
        Assert.Empty(Directory.GetFiles(stopped.Output, "*.parquet.partial"));
        // As a kill between the shard's name and the journal would leave it: the shard is made again.
        File.WriteAllText(Path.Combine(stopped.Output, $"shard-{before:00000}.parquet"), "half a shard");
        var rest = await PackAsync(stopped with { Workers = 2 });
        Assert.Equal(LeftOut(whole), LeftOut(rest));
        Assert.Equal(21, rest.RowsOfBefore);
        Assert.Equal((whole.Rows, whole.ImageBytes), (rest.Rows, rest.ImageBytes));
        foreach (string shard in Directory.GetFiles(options.Output))
            Assert.Equal(File.ReadAllBytes(shard), File.ReadAllBytes(Path.Combine(stopped.Output, Path.GetFileName(shard))));
        Assert.Equal(rest.Rows, (await PackAsync(stopped)).RowsOfBefore);
    }

    [Fact]
    public async Task RunAsync_StoppedBeforeTheFirstImage_WritesNothing()
    {
        Put("one.png", PreprocessFixture.Bytes("gray.png"), null);
        var packing = new FolderPacking(Options());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => packing.RunAsync(cancel: new CancellationToken(canceled: true)));
        Assert.False(Directory.Exists(Folder.File("out")));
    }

    [Fact]
    public async Task RunAsync_OtherFilesThanBefore_IsRefusedWithoutOverwrite()
    {
        Put("one.png", PreprocessFixture.Bytes("gray.png"), null);
        await PackAsync(Options());
        Put("two.png", PreprocessFixture.Bytes("gray.png"), null);
        Assert.Contains(
            "--overwrite",
            (await Assert.ThrowsAsync<BadInputException>(() => PackAsync(Options()))).Message,
            StringComparison.Ordinal
        );
        Assert.Equal(2, (await PackAsync(Options() with { Overwrite = true })).Rows);
    }

    [Fact]
    public async Task RunAsync_FolderOfSomethingElse_IsLeftAlone()
    {
        Put("one.png", PreprocessFixture.Bytes("gray.png"), null);
        Directory.CreateDirectory(Folder.File("out"));
        File.WriteAllText(Folder.File("out/mine.txt"), "");
        foreach (bool overwrite in new[] { false, true })
            Assert.Contains(
                "is not empty",
                (await Assert.ThrowsAsync<BadInputException>(() => PackAsync(Options() with { Overwrite = overwrite }))).Message,
                StringComparison.Ordinal
            );
        Assert.True(File.Exists(Folder.File("out/mine.txt")));
    }

    [Fact]
    public async Task RunAsync_NoImages_SaysWhatIsThereInstead()
    {
        Put(".a.png", PreprocessFixture.Bytes("gray.png"), null);
        Put("b.svg", "<svg/>"u8.ToArray(), null);
        Put("c.svg", "<svg/>"u8.ToArray(), null);
        var refused = await Assert.ThrowsAsync<BadInputException>(() => PackAsync(Options()));
        Assert.EndsWith("name a folder that has some.", refused.Errors[0], StringComparison.Ordinal);
        Assert.Equal(
            [$"2 left out: is not an image (first: {Folder.File("in/b.svg")})",
                $"1 left out: is hidden (its name begins with a point) (first: {Folder.File("in/.a.png")})"], refused.Errors.Skip(1));
    }

    [Fact]
    public async Task RunAsync_NothingUsable_IsBadInputAndLeavesNothing()
    {
        Put("page.jpg", "<html>"u8.ToArray(), null);
        var bad = await Assert.ThrowsAsync<BadInputException>(() => PackAsync(Options()));
        Assert.Contains("Nothing could be packed", bad.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Folder.File("out")));
    }

    [Fact]
    public async Task RunAsync_FolderNamedTwice_IsPackedOnce()
    {
        Put("a/one.png", PreprocessFixture.Bytes("gray.png"), null);
        Assert.Equal(1, (await PackAsync(Options() with { Folders = [Folder.File("in"), Folder.File("in/a")] })).Rows);
        Directory.CreateSymbolicLink(Folder.File("link"), Folder.File("in"));
        Assert.Equal(
            1,
            (await PackAsync(Options() with { Folders = [Folder.File("link"), Folder.File("in")], Output = Folder.File("o2") })).Rows
        );
    }

    [Fact]
    public async Task RunAsync_SidecarWithInvalidUtf8_IsReadWithReplacements()
    {
        Put("one.png", PreprocessFixture.Bytes("gray.png"), null);
        File.WriteAllBytes(Folder.File("in/one.txt"), [.. "caf"u8, 0xE9, .. " au lait"u8]);
        await PackAsync(Options());
        Assert.Equal(["caf\uFFFD au lait"], (await RowsAsync("out")).Captions);
    }

    [Fact]
    public async Task RunAsync_SidecarThatIsNoCaption_IsLeftOut()
    {
        Put("Folder.png", PreprocessFixture.Bytes("gray.png"), null);
        Put("good.png", PreprocessFixture.Bytes("gray.png"), "a caption");
        Put("large.png", PreprocessFixture.Bytes("gray.png"), new string('a', (1 << 20) + 1));
        Put("null.png", PreprocessFixture.Bytes("gray.png"), "a\0b");
        Directory.CreateDirectory(Folder.File("in/Folder.txt"));
        Assert.Equal(
            ["its .txt has more than 1,048,576 bytes", "its .txt is a folder", "its .txt is not text in UTF-8"],
            (await PackAsync(Options())).LeftOut.Keys
        );
    }

    [Fact]
    public async Task RunAsync_Labels_AreTheFirstFoldersAndTheirNames()
    {
        Put("tabby_cat/deep/1.png", PreprocessFixture.Bytes("gray.png"), null);
        Put("dog/2.png", PreprocessFixture.Bytes("gray.png"), null);
        Put("astray.png", PreprocessFixture.Bytes("gray.png"), null);
        var summary = await PackAsync(Options() with { Labels = true, Captions = PackOptions.ClassFolders });
        Assert.Equal(["dog", "tabby cat"], File.ReadAllLines(Folder.File("out/classes.txt")));
        Assert.Equal(["lies in no class folder"], summary.LeftOut.Keys);
        var rows = await RowsAsync("out");
        Assert.Equal(["0", "1"], rows.Labels!);
        Assert.Equal(["dog", "tabby cat"], rows.Captions);
    }

    [Theory]
    [InlineData("red-circle_01.png", "red circle")]
    [InlineData("48x48/document-open.png", "document open")]
    [InlineData("user.home@2x.png", "user home")]
    [InlineData("icon-32x32.png", "icon")]
    [InlineData("0001.png", null)]
    public void Of_FileNames_GivesTheirWords(string path, string? expected) => Assert.Equal(expected, NameCaption.Of(path));
}
