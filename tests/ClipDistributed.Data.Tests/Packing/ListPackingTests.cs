using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Packing;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Shards;
using ClipDistributed.TestKit.Images;

namespace ClipDistributed.Data.Tests.Packing;

/// <summary>Folders with a list of captions.</summary>
public sealed class ListPackingTests : ListPackingBase
{
    private static readonly string Cases = Fixtures.File("cases", "captions");

    [Theory]
    [InlineData("list.jsonl", "a red disc|one disc in red|a second red disc", 0)]
    [InlineData("semi.csv", "a red disc, small", 0)]
    [InlineData("openclip-default.csv", "this is a red circle|here is a red square at the top.", 4)]
    public async Task RunAsync_ListAsOthersWriteIt_GivesARowForEachCaption(string list, string captions, int lost)
    {
        PutImages("000-red-disc.jpg", "001-red-disc.png", "000000.png", "000001.png");
        var summary = await PackAsync(Options(Path.Combine(Cases, list)));
        Assert.Equal(captions.Split('|'), (await RowsAsync()).Captions);
        Assert.Equal(lost, summary.LostRows);
    }

    [Fact]
    public async Task RunAsync_RowsWithoutTheirImage_AreNamedEachWithItsReason()
    {
        PutImages("b.png", "sub/a.png", "lonely.png");
        Directory.CreateDirectory(Folder.File("second"));
        File.WriteAllBytes(Folder.File("second/b.png"), Image(9));
        File.WriteAllBytes(Folder.File("in/page.png"), "<html>"u8.ToArray());
        File.WriteAllText(
            Folder.File("l.csv"),
            "file,caption\nsub/a.png,one\n/elsewhere/a.png,wrong\nhttp://host/a.png,wrong\n"
                + "b.png,which\npage.png,none\nsub/a.png,two\nsub/a.png,\na.png,\"ta\tb\"\n"
        );
        var summary = await PackAsync(Options(Folder.File("l.csv")) with { Folders = [Folder.File("in"), Folder.File("second")] });
        Assert.Equal(["one", "two"], (await RowsAsync()).Captions);
        Assert.Equal(6, summary.LostRows);
        Assert.Equal(
            [
                "has no caption: 1 sub/a.png (line 8)",
                "is in no format that can be read (JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, JPEG 2000): 1 page.png (line 6)",
                "is named in l.csv but does not exist: 2 /elsewhere/a.png (line 3), a.png (line 9)",
                $"is named in l.csv, and several files answer to it: 1 b.png (line 5): {Folder.File("in/b.png")}, "
                    + $"{Folder.File("second/b.png")}",
                "is not in l.csv: 3 b.png, lonely.png, b.png",
                "names a URL; only files are packed: download it, and list the file: 1 http://host/a.png (line 4)",
            ],
            summary.LeftOut.Select(reason => $"{reason.Key}: {reason.Value.Count} {string.Join(", ", reason.Value.Examples)}"));
        string[] lines = File.ReadAllLines(Folder.File("out/left-out.tsv"));
        Assert.Equal("image\tline\treason\tdetail", lines[0]);
        Assert.Equal(9, lines.Length - 1);
        Assert.Contains("/elsewhere/a.png\t3\tis named in l.csv but does not exist\t", lines);
        Assert.Contains("lonely.png\t\tis not in l.csv\t", lines);
    }

    [Fact]
    public async Task RunAsync_SeveralCaptionsOfAnImage_StayTogetherHoweverTheyAreSpelled()
    {
        PutImages("a.png", "b.png");
        File.WriteAllText(Folder.File("l.csv"), $"file,caption\nb.png,1\na.png,2\n./b.png,3\n{Folder.File("in/b.png")},4\nin/a.png,5\n");
        var summary = await PackAsync(Options(Folder.File("l.csv")));
        var rows = await RowsAsync();
        Assert.Equal(["2", "5", "1", "3", "4"], rows.Captions);
        Assert.Equal([0, 0, 1, 1, 1], rows.Images.Select(image => image!.AsSpan().SequenceEqual(Image(0)) ? 0 : 1));
        Assert.Empty(summary.LeftOut);
        Assert.False(File.Exists(Folder.File("out/left-out.tsv")));
    }

    // What lies outside the folder is packed where the list leads to it; the folder itself may be empty.
    [Fact]
    public async Task RunAsync_ImagesBesideTheList_ArePacked()
    {
        Directory.CreateDirectory(Folder.File("in"));
        Directory.CreateDirectory(Folder.File("set"));
        File.WriteAllBytes(Folder.File("set/a.png"), Image(0));
        File.WriteAllText(Folder.File("set/l.tsv"), "image\ttext\na.png\tbeside\n../set/a.png\tagain\n");
        await PackAsync(Options(Folder.File("set/l.tsv")));
        Assert.Equal(["beside", "again"], (await RowsAsync()).Captions);
    }

    [Fact]
    public async Task RunAsync_StoppedAmongLeftOutRows_NamesEachOnce()
    {
        PutImages([.. Enumerable.Range(0, 12).Select(i => $"{i:00}.png")]);
        foreach (int i in new[] { 2, 5, 8 })
            File.WriteAllBytes(Folder.File($"in/{i:00}.png"), [1]);
        File.WriteAllText(
            Folder.File("l.csv"),
            "file,caption\n" + string.Concat(Enumerable.Range(0, 14).Select(i => $"{i:00}.png,c{i}\n"))
        );
        var options = Options(Folder.File("l.csv")) with { RowsPerShard = 4, Workers = 1 };
        for (int at = 1; at < 14; at += 2)
        {
            using var stop = new CancellationTokenSource();
            int until = at;
            var part = await new FolderPacking(options).RunAsync((done, _) => { if (done == until) stop.Cancel(); }, stop.Token);
            Assert.Equal(14 - until, part.Remaining);
        }
        var summary = await PackAsync(options);
        Assert.Equal((9L, 5L), (summary.Rows, summary.LostRows));
        Assert.Equal(
            ["02.png", "05.png", "08.png", "12.png", "13.png"],
            File.ReadAllLines(Folder.File("out/left-out.tsv")).Skip(1).Select(line => line.Split('\t')[0])
        );
    }

    // The file is decoded once; each of its captions counts.
    [Fact]
    public async Task RunAsync_DamagedImageOfSeveralRows_LosesEachOfThem()
    {
        PutImages("a.png", "c.png");
        File.WriteAllBytes(Folder.File("in/b.png"), [1]);
        File.WriteAllText(
            Folder.File("l.jsonl"),
            "{\"image\": \"b.png\", \"text\": [\"x\", null, \"y\"]}\n{\"image\": \"c.png\", "
                + "\"text\": [\"1\", null, \"2\", \"3\"]}\n{\"image\": \"a.png\", \"text\": \"0\"}"
        );
        var summary = await PackAsync(Options(Folder.File("l.jsonl")));
        Assert.Equal(["0", "1", "2", "3"], (await RowsAsync()).Captions);
        Assert.Equal(
            ["has null as its caption: 2", "is in no format that can be read (JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, JPEG 2000): 2"],
            summary.LeftOut.Select(reason => $"{reason.Key}: {reason.Value.Count}")
        );
        Assert.Equal(4, summary.LostRows);
    }

    // An image is one, however many rows it has: also across a stop between them.
    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task RunAsync_TransparentImageOfSeveralRows_IsCountedOnce(int? stopAfter)
    {
        PutImages("a.png", "b.png", "c.png");
        foreach (string name in new[] { "in/a.png", "in/b.png" })
            File.WriteAllBytes(Folder.File(name), PngBytes.Write(1, 1, 8, 6, [1, 2, 3, 0]));
        File.WriteAllText(
            Folder.File("l.csv"), "file,caption\na.png,\na.png,1\na.png,2\na.png,\na.png,3\nb.png,1\nb.png,2\nc.png,1\nc.png,2\n");
        var options = Options(Folder.File("l.csv")) with { RowsPerShard = 2, Workers = 1 };
        if (stopAfter is { } until)
        {
            using var stop = new CancellationTokenSource();
            await new FolderPacking(options).RunAsync((done, _) => { if (done == until) stop.Cancel(); }, stop.Token);
        }
        var summary = await PackAsync(options);
        Assert.Equal((7L, 2L), (summary.Rows, summary.Transparent));
    }

    // What the user lost comes before what no list asked for, however much there is of it.
    [Fact]
    public async Task Reasons_LostRowsAndOtherFiles_BeginWithTheRows()
    {
        PutImages("a.png", "u1.png", "u2.png", "u3.png", "u4.png");
        File.WriteAllText(Folder.File("in/notes.doc"), "");
        File.WriteAllText(Folder.File("l.csv"), "file,caption\na.png,x\na.png,\nm1.png,x\nm2.png,x\n");
        var summary = await PackAsync(Options(Folder.File("l.csv")));
        Assert.Equal(
            ["is named in l.csv but does not exist 2/2", "has no caption 1/1", "is not in l.csv 0/4", "is not an image 0/1"],
            summary.Reasons.Select(reason => $"{reason.Key} {reason.Value.Rows}/{reason.Value.Count}"));
        File.WriteAllText(Folder.File("l.csv"), "file,caption\na.png,\nm1.png,x\nm2.png,x\n");
        var refused = await Assert.ThrowsAsync<BadInputException>(() => PackAsync(Options(Folder.File("l.csv")) with { Overwrite = true }));
        Assert.StartsWith(
            $"Nothing could be packed: 2 rows of {Folder.File("l.csv")} of which each is named in l.csv but does not exist: m1.png "
                + $"(line 3)",
            refused.Errors[0],
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            $"Nothing could be packed: 1 row of {Folder.File("l.csv")} that has no caption",
            refused.Errors[1],
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "Nothing could be packed: 4 files of which each is not in l.csv: u1.png",
            refused.Errors[2],
            StringComparison.Ordinal
        );
    }

    /// <summary>Rows without a file are handed on together, rows with one by their file; neither may lose or reorder any.</summary>
    [Theory]
    [InlineData(999)]
    [InlineData(1000)]
    [InlineData(2001)]
    public async Task RunAsync_ManyRowsWithoutAnImage_AreEachNamedInTheirOrder(int lost)
    {
        PutImages("a.png", "b.png", "c.png");
        var rows = Enumerable.Range(0, lost).Select(i => $"gone-{i}.png,x\n");
        File.WriteAllText(Folder.File("l.csv"), $"file,caption\na.png,1\n{string.Concat(rows)}b.png,\nb.png,2\n");
        var summary = await PackAsync(Options(Folder.File("l.csv")));
        Assert.Equal(["1", "2"], (await RowsAsync()).Captions);
        Assert.Equal(lost + 1, summary.LostRows);
        string[] lines = File.ReadAllLines(Folder.File("out/left-out.tsv"));
        Assert.Equal(
            ["b.png", "c.png", .. Enumerable.Range(0, lost).Select(i => $"gone-{i}.png")],
            lines.Skip(1).Select(line => line.Split('\t')[0])
        );
    }

    [Fact]
    public async Task RunAsync_OptionsOfAListWithoutOne_AreRefusedTogether()
    {
        PutImages("a.png");
        var options = new PackOptions([Folder.File("in")], Folder.File("out"))
        {
            Separator = "ab",
            MatchNames = true,
            ImageColumn = "x",
            CaptionColumn = "y",
            MaxPixels = 0,
        };
        Assert.Equal(6, (await Assert.ThrowsAsync<BadInputException>(() => PackAsync(options))).Errors.Count);
    }
}
