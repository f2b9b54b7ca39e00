using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Preparation;
using CsCheck;

namespace ClipDistributed.Data.Tests.Preparation;

public sealed class PromptTemplatesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("a photo of a {}.", "a photo of a {}.")]
    [InlineData("a photo of a {c}.", "a photo of a {}.")]
    [InlineData("  {label}  ", "{}")]
    [InlineData("a {} and another {c}", "a {} and another {}")]
    [InlineData("100% of {}", "100% of {}")]
    [InlineData("\"{}\" in a book", "\"{}\" in a book")]
    public void Read_PlacesThatAreUnderstood_BecomeBraces(string line, string expected) => Assert.Equal([expected], Read(line));

    [Theory]
    [InlineData("a photo of something", "write {} where it goes")]
    [InlineData("a photo of a %s.", "write {} instead of %s")]
    [InlineData("a photo of a %(label)s.", "write {} instead of %(label)s")]
    [InlineData("a photo of a {0}.", "write {} instead of {0}")]
    [InlineData("a photo of a {class}.", "write {} instead of {class}")]
    [InlineData("a photo of a {{ name }}.", "write {} instead of {{ name }}")]
    [InlineData("a photo of a ${label}.", "write {} instead of ${label}")]
    [InlineData("a photo of a $label", "write {} instead of $label")]
    [InlineData("a photo of a <label>.", "write {} instead of <label>")]
    [InlineData("a photo of a [CLASS].", "write {} instead of [CLASS]")]
    [InlineData("# my templates", "write {} where it goes")]
    [InlineData("lambda c: f'a photo of a {c}.',", "is a line of a program")]
    [InlineData("'a photo of a {}.',", "is a line of a program")]
    [InlineData("[\"a photo of a {}.\", \"a {}\"]", "is a line of a program")]
    [InlineData("templates = [", "is a line of a program")]
    public void Read_NoPlaceForTheName_IsRefusedWithTheLineAndWhatToWrite(string line, string advice)
    {
        var refused = Assert.Throws<BadInputException>(() => Read($"a good {{}}\n\n{line}"));
        Assert.StartsWith($"--templates: {folder.File("templates.txt")}:3: ", Assert.Single(refused.Errors), StringComparison.Ordinal);
        Assert.Contains(advice, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ManyBadLines_NamesThreeAndCountsTheOthers()
    {
        var refused = Assert.Throws<BadInputException>(() => Read(string.Concat(Enumerable.Repeat("a photo of a %s\n", 80))));
        Assert.Equal(4, refused.Errors.Count);
        Assert.Contains("77 more", refused.Errors[3], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("t-named.txt", true)]
    [InlineData("t-none.txt", false)]
    [InlineData("t-pct.txt", false)]
    public void Read_FilesFoundElsewhere_AreUnderstoodOrRefused(string name, bool isRead)
    {
        string path = Fixtures.File("cases", "templates", name);
        if (isRead)
            Assert.All(PromptTemplates.Read(path, "--templates"), template => Assert.Contains("{}", template, StringComparison.Ordinal));
        else
            Assert.Throws<BadInputException>(() => PromptTemplates.Read(path, "--templates"));
    }

    [Fact]
    public void Read_AnyLines_GivesTemplatesWithAPlaceOrRefuses() =>
        Gen.String[Gen.Char["{}c label%s$<>[]'\",\n"], 0, 40].Sample(text =>
        {
            try
            {
                Assert.All(Read(text), template => Assert.Contains("{}", template, StringComparison.Ordinal));
            }
            catch (BadInputException refused)
            {
                Assert.NotEmpty(refused.Errors);
            }
        }, iter: 300, threads: 1);

    public void Dispose() => folder.Dispose();

    private IReadOnlyList<string> Read(string text)
    {
        File.WriteAllText(folder.File("templates.txt"), text);
        return PromptTemplates.Read(folder.File("templates.txt"), "--templates");
    }
}
