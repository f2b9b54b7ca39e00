using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Contracts.Tests.Errors;

public sealed class ExcerptTests
{
    [Theory]
    [InlineData("abc", "abc")]
    [InlineData("abcd", "abc…")]
    [InlineData("ab\U0001F600", "ab…")]
    [InlineData("a\U0001F600b", "a\U0001F600…")]
    public void Of_LongerText_IsCutBetweenCharacters(string text, string expected) => Assert.Equal(expected, Excerpt.Of(text, 3));

    [Theory]
    [InlineData("abcdefgh", "abcdefgh")]
    [InlineData("abcdefghij", "abcdef…ij")]
    [InlineData("abcde\U0001F600hi", "abcde…hi")]
    [InlineData("abcdefg\U0001F600h", "abcdef…h")]
    public void Ends_LongerText_LosesItsMiddle(string text, string expected) => Assert.Equal(expected, Excerpt.Ends(text, 8));

    [Fact]
    public void List_ManyTexts_ShowsTheFirstAndCountsTheOthers()
    {
        Assert.Equal("a, b", Excerpt.List(["a", "b"], 2));
        Assert.Equal("0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 19,990 more", Excerpt.List(Enumerable.Range(0, 20_000).Select(i => $"{i}"), 20_000));
    }
}
