namespace ClipDistributed.Architecture.Tests;

public sealed class CodeTextTests
{
    [Theory]
    [InlineData("a(); // b \"c\"\nd", "a(); \nd")]
    [InlineData("a /* b\nc */ d", "a \n d")]
    [InlineData("f(\"// a \\\" b\", c)", "f(\"\", c)")]
    [InlineData("f(@\"a\\\", c)", "f(\"\", c)")]
    [InlineData("f(@\"a\"\"b\", c)", "f(\"\", c)")]
    [InlineData("f($\"a{{{b(\"}\")}}}\", c)", "f(\"\", c)")]
    [InlineData("f(\"\"\"a \"b\" c\"\"\", d)", "f(\"\", d)")]
    [InlineData("f(\"\", '\"', '\\'', '{')", "f(\"\", \"\", \"\", \"\")")]
    public void Of_CommentsAndStrings_AreTakenOut(string text, string code) => Assert.Equal(code, CodeText.Of(text));
}
