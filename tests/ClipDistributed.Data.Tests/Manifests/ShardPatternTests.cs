using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Manifests;

namespace ClipDistributed.Data.Tests.Manifests;

public sealed class ShardPatternTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("/a/{00000..00331}.tar", 332, "/a/00000.tar", "/a/00331.tar")]
    [InlineData("/a/{8..11}", 4, "/a/8", "/a/11")]
    [InlineData("/a/{008..11}", 4, "/a/008", "/a/011")]
    [InlineData("/a/{3..1}", 3, "/a/3", "/a/1")]
    [InlineData("/a/{x,y}{1..2}.tar", 4, "/a/x1.tar", "/a/y2.tar")]
    [InlineData("/a/{x}.tar", 1, "/a/{x}.tar", "/a/{x}.tar")]
    [InlineData("/a/b.tar", 1, "/a/b.tar", "/a/b.tar")]
    public void Expand_Braces_NameEachFile(string pattern, int count, string first, string last)
    {
        var names = ShardPattern.Expand(pattern);
        Assert.Equal((count, first, last), (names.Count, names[0], names[^1]));
    }

    [Theory]
    [InlineData("/a/{0..99999999999999999999}.tar")]
    [InlineData("/a/{0..5000000}.tar")]
    [InlineData("/a/{0..9999}{0..9999}.tar")]
    public void Expand_TooManyNames_IsRefused(string pattern)
    {
        var error = Assert.Throws<BadInputException>(() => ShardPattern.Expand(pattern));
        Assert.Contains("1,000,000", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{0..2}.tar", "0 1 2")]
    [InlineData("*.tar", "0 1 2 x[1]")]
    [InlineData("[01].tar", "0 1")]
    [InlineData("[!0].tar", "1 2")]
    [InlineData("?.tar", "0 1 2")]
    [InlineData("{x*,1}.tar", "1 x[1]")]
    [InlineData("x[1].tar", "x[1]")] // a name of that very form
    [InlineData("../*/0.tar", "0")]
    public void Find_Patterns_GiveShardsInOrder(string pattern, string names)
    {
        foreach (string name in new[] { "0.tar", "1.tar", "2.tar", "x[1].tar", ".hidden.tar", "0.json" })
            File.WriteAllText(folder.File(name), "");
        Assert.Equal(
            names.Split(' ').Select(name => folder.File(name + ".tar")),
            ShardPaths.Find($"{folder.Path}/{pattern}")!.Files);
    }

    [Fact]
    public void Find_FolderInPattern_IsSearched()
    {
        Directory.CreateDirectory(folder.File("part-1/inner"));
        File.WriteAllText(folder.File("part-1/inner/a.tar"), "");
        var found = ShardPaths.Find(folder.File("part-*"))!;
        Assert.Equal((folder.Path, folder.File("part-1/inner/a.tar")), (found.Root, Assert.Single(found.Files)));
    }

    [Fact]
    public void Build_FileOfBracesMissing_IsNamed()
    {
        File.WriteAllText(folder.File("0.tar"), "");
        string error = Assert.Single(Assert.Throws<BadInputException>(() =>
            ManifestBuilder.Build([new SourceSpec { Path = folder.File("{0..2}.tar") }])).Errors);
        Assert.Contains(folder.File("1.tar"), error, StringComparison.Ordinal);
        Assert.StartsWith("data.train[0].path: ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*.tar", "matches no shards")]
    [InlineData("{7..9}.tar", "does not exist")]
    public void Build_PatternOfNothing_IsRefused(string pattern, string why) =>
        Assert.Contains(why, Assert.Throws<BadInputException>(() =>
            ManifestBuilder.Build([new SourceSpec { Path = folder.File(pattern) }])).Message, StringComparison.Ordinal);
}
