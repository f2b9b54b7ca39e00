using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Contracts.Tests.Errors;

public sealed class SuggestionTests
{
    [Theory]
    [InlineData("trian", "train")]
    [InlineData("Submit", "submit")]
    [InlineData("--resme", "--resume")]
    [InlineData("evaluate", "eval")]
    [InlineData("tokeniser", "tokenizer")]
    [InlineData("xyz", null)]
    [InlineData("", null)]
    public void Nearest_Name_IsTheOneMeant(string given, string? expected) =>
        Assert.Equal(expected, Suggestion.Nearest(given, ["train", "submit", "--resume", "eval", "tokenizer", "run"]));

    [Fact]
    public void Nearest_NoNamesOrALongOne_IsNone()
    {
        Assert.Null(Suggestion.Nearest("train", []));
        Assert.Null(Suggestion.Nearest(new string('x', 100_000), ["train"]));
    }
}
