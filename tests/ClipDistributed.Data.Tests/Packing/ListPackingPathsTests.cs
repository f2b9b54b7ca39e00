using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Packing;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Shards;
using ClipDistributed.TestKit.Images;

namespace ClipDistributed.Data.Tests.Packing;

public sealed class ListPackingPathsTests : ListPackingBase
{
    [Fact]
    public async Task RunAsync_ListOfOtherFolder_SaysHowPathsAreTaken()
    {
        PutImages("a.png");
        File.WriteAllText(Folder.File("l.csv"), "file,caption\nelsewhere/a.png,x\n");
        var refused = await Assert.ThrowsAsync<BadInputException>(() => PackAsync(Options(Folder.File("l.csv"))));
        Assert.Contains("--match-names", refused.Errors[^1], StringComparison.Ordinal);
        Assert.Equal(1, (await PackAsync(Options(Folder.File("l.csv")) with { MatchNames = true })).Rows);
    }

    // The same place under another name: of a disk that is mounted twice, a home that is a link.
    [Fact]
    public async Task RunAsync_FoldersBehindLinks_AreTheSameFolders()
    {
        PutImages("x/a.png", "y/b.png", "y/c.png");
        Directory.CreateSymbolicLink(Folder.File("home"), Folder.File("in"));
        Directory.CreateSymbolicLink(Folder.File("in/linked"), Folder.File("in/x"));
        File.CreateSymbolicLink(Folder.File("in/y/d.png"), Folder.File("in/y/c.png"));
        File.WriteAllText(
            Folder.File("l.csv"),
            $"file,caption\n{Folder.File("home/y/b.png")},1\nx/a.png,2\nlinked/a.png,3\n{Folder.File("in/y/b.png")},4\n"
                + "y/d.png,5\ny/c.png,6\n"
        );
        var summary = await PackAsync(Options(Folder.File("l.csv")) with { Labels = true });
        var rows = await RowsAsync();
        Assert.Equal(["2", "3", "1", "4", "6", "5"], rows.Captions);
        Assert.Equal(["is a link to a folder"], summary.LeftOut.Keys);
    }

    [Fact]
    public async Task RunAsync_ListThatNamesWhatAListingPassesOver_PacksItOnce()
    {
        PutImages("a.png", ".hidden/b.png");
        File.WriteAllText(Folder.File("in/c.svg"), "<svg/>");
        File.WriteAllText(Folder.File("l.csv"), "file,caption\na.png,1\n.hidden/b.png,2\nc.svg,3\n");
        var summary = await PackAsync(Options(Folder.File("l.csv")));
        Assert.Equal((2L, 1L), (summary.Rows, summary.LostRows));
        Assert.Equal(1, Assert.Single(summary.LeftOut).Value.Count);
    }

    [Theory]
    [InlineData("l.csv", "name the folder of its images, and the list in --captions")]
    [InlineData("a.png", "name the folder that it lies in")]
    public async Task RunAsync_FileForAFolder_SaysWhatToDo(string name, string expected)
    {
        File.WriteAllText(Folder.File(name), "");
        var options = new PackOptions([Folder.File(name)], Folder.File("out"));
        Assert.Contains(
            expected,
            (await Assert.ThrowsAsync<BadInputException>(() => PackAsync(options))).Message,
            StringComparison.Ordinal
        );
    }
}
