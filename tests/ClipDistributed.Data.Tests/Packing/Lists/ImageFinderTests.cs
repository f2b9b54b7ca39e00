using System.Text;
using ClipDistributed.Data.Packing.Lists;
using CsCheck;

namespace ClipDistributed.Data.Tests.Packing.Lists;

public sealed class ImageFinderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public ImageFinderTests()
    {
        foreach (
            string file in new[]
            {
                "in/a.png",
                "in/sub/b.png",
                "in/other/b.png",
                "in/x y#%.png",
                "in/caf\u00E9.png",
                "in/back\\slash.png",
                "lists/near.png",
                "in/cat/1.png",
                "in/dog/1.png",
            }
        )
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.File(file))!);
            File.WriteAllText(folder.File(file), "");
        }
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("a.png", "in/a.png")]
    [InlineData("./a.png", "in/a.png")]
    [InlineData(" a.png ", "in/a.png")]
    [InlineData("sub/../a.png", "in/a.png")]
    [InlineData("../lists/near.png", "lists/near.png")] // relative to the folder, beyond it
    [InlineData("near.png", "lists/near.png")] // relative to the list
    [InlineData("../in/sub/b.png", "in/sub/b.png")]
    [InlineData("sub\\b.png", "in/sub/b.png")]
    [InlineData(".\\sub\\b.png", "in/sub/b.png")]
    [InlineData("back\\slash.png", "in/back\\slash.png")]
    [InlineData("x y#%.png", "in/x y#%.png")]
    [InlineData("x%20y%23%25.png", "in/x y#%.png")]
    [InlineData("cafe\u0301.png", "in/caf\u00E9.png")]
    [InlineData("a.png#3", "in/a.png")]
    [InlineData("{0}/in/a.png", "in/a.png")]
    [InlineData("file://{0}/in/x%20y%23%25.png", "in/x y#%.png")]
    [InlineData("file://localhost{0}/in/a.png", "in/a.png")]
    [InlineData("{working}", "in/a.png")] // relative to the working directory
    [InlineData("b.png", "does not exist")]
    [InlineData("/nonexistent/elsewhere/a.png", "does not exist")]
    [InlineData("elsewhere/a.png", "does not exist")]
    [InlineData("A.PNG", "does not exist")]
    [InlineData("sub", "does not exist")]
    [InlineData("\0", "does not exist")]
    [InlineData("../../../../../../../../../../../../nonexistent/a.png", "does not exist")]
    [InlineData("https://host/a.png", "names a URL")]
    [InlineData("s3://bucket/a.png", "names a URL")]
    [InlineData("data:image/png;base64,AAAA", "holds the image itself")]
    public void Find_Path_IsResolvedAsItStandsOrNotAtAll(string image, string expected)
    {
        image = image.Replace("{0}", folder.Path, StringComparison.Ordinal)
            .Replace("{working}", Path.GetRelativePath(Directory.GetCurrentDirectory(), folder.File("in/a.png")), StringComparison.Ordinal);
        var found = Finder(matchNames: false).Find(image);
        if (found.Path is null)
            Assert.Contains(expected, found.Problem, StringComparison.Ordinal);
        else
            Assert.Equal(folder.File(expected), found.Path);
    }

    [Theory]
    [InlineData("/nonexistent/elsewhere/a.png", "in/a.png")]
    [InlineData("https://host/a.png?q=1", "in/a.png")]
    [InlineData("C:\\pictures\\a.png", "in/a.png")]
    [InlineData("/old/root/dog/1.png", "in/dog/1.png")] // the folders agree
    [InlineData("/old/root/1.png", "several files")]
    [InlineData("b.png", "several files")]
    [InlineData("nothing.png", "does not exist")]
    public void Find_MatchNames_TakesTheOnlyFileOfTheName(string image, string expected)
    {
        var found = Finder(matchNames: true).Find(image);
        if (found.Path is null)
            Assert.Contains(expected, found.Problem, StringComparison.Ordinal);
        else
            Assert.Equal(folder.File(expected), found.Path);
    }

    [Fact]
    public void Find_FileInTwoFolders_IsAmbiguous()
    {
        var found = Finder(matchNames: false, "in/sub", "in/other").Find("b.png");
        Assert.Contains("several files", found.Problem, StringComparison.Ordinal);
        Assert.Equal($"{folder.File("in/sub/b.png")}, {folder.File("in/other/b.png")}", found.Detail);
    }

    // However the same path is spelled, the same file is found; however a path that leads nowhere is spelled, none is.
    [Fact]
    public void Find_AnySpelling_IsTheSameFile() =>
        Gen.Select(
                Gen.OneOf("", "./", ".//", "sub/../", "nothing/../", "../in/"),
                Gen.OneOf("sub/b.png", "a.png", "cat/1.png"),
                Gen.Bool,
                Gen.Bool,
                Gen.Bool
            )
            .Sample(
                (prefix, name, isAbsolute, isEscaped, isAstray) =>
                {
                    string image = (isAbsolute ? folder.File("in") + "/" : "") + (isAstray ? "astray/" : "") + prefix + name;
                    image = isEscaped ? image.Replace("/", "%2F", StringComparison.Ordinal) : image;
                    var found = Finder(matchNames: false).Find(image);
                    Assert.Equal(isAstray ? null : folder.File("in/" + name), found.Path);
                },
                iter: 200
            );

    private ImageFinder Finder(bool matchNames, params string[] folders)
    {
        string[] all = folders.Length > 0 ? folders : ["in"];
        return new ImageFinder(
            folder.File("lists/list.csv"),
            [.. all.Select(folder.File)],
            Directory.GetFiles(folder.File("in"), "*", SearchOption.AllDirectories),
            matchNames
        );
    }
}
