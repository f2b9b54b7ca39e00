using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Contracts.Tests.Errors;

public sealed partial class CountedTests
{
    [Fact]
    public void Of_OneAndMany_HaveTheirNouns()
    {
        Assert.Equal(["1 step", "0 steps", "3,082 steps"], [Counted.Of(1, "step"), Counted.Of(0L, "step"), Counted.Of(3082u, "step")]);
        Assert.Equal(["1 class", "2 classes"], [Counted.Plain(1, "class", "classes"), Counted.Plain(2, "class", "classes")]);
        Assert.Equal(["1 row", "3082 rows"], [Counted.Plain(1, "row"), Counted.Plain(3082, "row")]);
        Assert.Equal(["1 image is", "2 images are"], [Counted.Are(1, "image"), Counted.Are(2, "image")]);
    }

    /// <summary>Nouns that are written out behind a number of any size: "1 steps" would be printed one day.</summary>
    [Fact]
    public void Sources_CountsBesideNouns_GoThroughCounted()
    {
        var found = Directory.EnumerateFiles(RepositoryFolder.File("src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(file =>
                File.ReadLines(file).Index().Select(line => (File: Path.GetFileName(file), Number: line.Index + 1, Text: line.Item))
            )
            .Where(line =>
                !line.Text.TrimStart().StartsWith("//", StringComparison.Ordinal)
                && !line.Text.Contains(" == 1 ? ", StringComparison.Ordinal)
                && !line.Text.Contains(" == 2 ? ", StringComparison.Ordinal)
            )
            .SelectMany(line =>
                CountWithNoun()
                    .Matches(line.Text)
                    .Where(count => !NeverOne().IsMatch(count.Groups["number"].Value))
                    .Select(count => $"{line.File}:{line.Number}: {count.Value}")
            );
        Assert.Empty(found);
    }

    [GeneratedRegex(
        @"\{(?<number>[^{}""]+)\} (?:(?:more|other|row) )?"
            + "(steps|rows|groups|images|shards|replicas|samples|pairs|files|bytes|tokens|classes|hosts|devices|captions|columns|lines"
            + "|texts|threads|streams|checkpoints|attempts|folders|generations|incidents|epochs|tensors|words|characters|letters|scenes"
            + @"|templates|objects|labels|errors|places|records|values)\b"
    )]
    private static partial Regex CountWithNoun();

    // Constants and limits, rates, all of at least two, and texts that are not numbers.
    [GeneratedRegex(
        @"^([A-Z]\w*|OpenFileLimit\.Current|limits\[0\]|max\w*|limit|most|better|samplesPerSecond|.*Milliseconds.*"
            + @"|Shown\(key\)|directory\.Root|waiting\.Count)(:N0|:0)?$|^ "
    )]
    private static partial Regex NeverOne();
}
