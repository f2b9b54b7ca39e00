using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Contracts.Tests.Errors;

public sealed class ControlTextTests
{
    [Theory]
    [InlineData("a\u001b[31m", "U+001B", "a\\u001B[31m")]
    [InlineData("a\nb", "U+000A", "a\\u000Ab")]
    [InlineData("a\u0085b", "U+0085", "a\\u0085b")]
    [InlineData("ann\u202Egpj", "U+202E", "ann\\u202Egpj")] // right to left, so that it ends in "jpg"
    [InlineData("\u2066ann", "U+2066", "\\u2066ann")]
    [InlineData("ann\u200b", "U+200B", "ann\\u200B")] // of no width
    [InlineData("\ufeffann", "U+FEFF", "\\uFEFFann")]
    [InlineData("a\u2028b", "U+2028", "a\\u2028b")]
    [InlineData("a\U000E0041", "U+E0041", "a\\uE0041")] // a tag, which is not shown
    public void Find_TextThatIsNotWhatItLooksLike_NamesTheCharacter(string text, string found, string escaped) =>
        Assert.Equal((found, escaped), (ControlText.Find(text), ControlText.Escape(text)));

    [Theory]
    [InlineData("")]
    [InlineData("Änne Müller, Gruppe 7")]
    [InlineData("عَلِي")]
    [InlineData("می\u200Cخواهم")] // a joiner that Persian needs
    [InlineData("👩\u200D🔬")] // and one that emoji need
    public void Find_WordsOfPeople_AreFine(string text) => Assert.Equal((null, text), (ControlText.Find(text), ControlText.Escape(text)));
}
