using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Packing;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Shards;
using ClipDistributed.TestKit.Images;

namespace ClipDistributed.Data.Tests.Packing;

public sealed class ListPackingPathsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task RunAsync_ListOfOtherFolder_SaysHowPathsAreTaken()
    {
        PutImages("a.png");
        File.WriteAllText(folder.File("l.csv"), "file,caption\nelsewhere/a.png,x\n");
        var refused = await Assert.ThrowsAsync<BadInputException>(() => PackAsync(Options(folder.File("l.csv"))));
        Assert.Contains("--match-names", refused.Errors[^1], StringComparison.Ordinal);
        Assert.Equal(1, (await PackAsync(Options(folder.File("l.csv")) with { MatchNames = true })).Rows);
    }

    // The same place under another name: of a disk that is mounted twice, a home that is a link.
    [Fact]
    public async Task RunAsync_FoldersBehindLinks_AreTheSameFolders()
    {
        PutImages("x/a.png", "y/b.png", "y/c.png");
        Directory.CreateSymbolicLink(folder.File("home"), folder.File("in"));
        Directory.CreateSymbolicLink(folder.File("in/linked"), folder.File("in/x"));
        File.CreateSymbolicLink(folder.File("in/y/d.png"), folder.File("in/y/c.png"));
        File.WriteAllText(
            folder.File("l.csv"),
            $"file,caption\n{folder.File("home/y/b.png")},1\nx/a.png,2\nlinked/a.png,3\n{folder.File("in/y/b.png")},4\n"
                + "y/d.png,5\ny/c.png,6\n"
        );
        var summary = await PackAsync(Options(folder.File("l.csv")) with { Labels = true });
        var rows = await RowsAsync();
        Assert.Equal(["2", "3", "1", "4", "6", "5"], rows.Captions);
        Assert.Equal(["is a link to a folder"], summary.LeftOut.Keys);
    }

    [Fact]
    public async Task RunAsync_ListThatNamesWhatAListingPassesOver_PacksItOnce()
    {
        PutImages("a.png", ".hidden/b.png");
        File.WriteAllText(folder.File("in/c.svg"), "<svg/>");
        File.WriteAllText(folder.File("l.csv"), "file,caption\na.png,1\n.hidden/b.png,2\nc.svg,3\n");
        var summary = await PackAsync(Options(folder.File("l.csv")));
        Assert.Equal((2L, 1L), (summary.Rows, summary.LostRows));
        Assert.Equal(1, Assert.Single(summary.LeftOut).Value.Count);
    }

    [Theory]
    [InlineData("l.csv", "name the folder of its images, and the list in --captions")]
    [InlineData("a.png", "name the folder that it lies in")]
    public async Task RunAsync_FileForAFolder_SaysWhatToDo(string name, string expected)
    {
        File.WriteAllText(folder.File(name), "");
        var options = new PackOptions([folder.File(name)], folder.File("out"));
        Assert.Contains(
            expected,
            (await Assert.ThrowsAsync<BadInputException>(() => PackAsync(options))).Message,
            StringComparison.Ordinal
        );
    }

    private PackOptions Options(string list) => new([folder.File("in")], folder.File("out"), list);

    private static Task<PackSummary> PackAsync(PackOptions options) =>
        new FolderPacking(options).RunAsync(cancel: TestContext.Current.CancellationToken);

    private void PutImages(params string[] names)
    {
        for (int i = 0; i < names.Length; i++)
        {
            string path = folder.File(Path.Combine("in", names[i]));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, Image(i));
        }
    }

    private static byte[] Image(int number) => PngBytes.Write(2, 2, 8, 2, [.. Enumerable.Repeat((byte)number, 12)]);

    private async Task<BlockData> RowsAsync()
    {
        var manifest = ManifestBuilder.Build([new SourceSpec { Path = folder.File("out") }]);
        return await BlockReading.ReadAsync(Assert.Single(manifest.Shards), 0, BlockColumns.Image | BlockColumns.Caption);
    }
}
