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
}
