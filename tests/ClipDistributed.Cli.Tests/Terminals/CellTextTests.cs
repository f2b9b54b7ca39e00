using ClipDistributed.Cli.Terminals;

namespace ClipDistributed.Cli.Tests.Terminals;

public sealed class CellTextTests
{
    [Theory]
    [InlineData("abc", 3)]
    [InlineData("中文", 4)]
    [InlineData("e\u0301", 1)]
    [InlineData("😀", 2)]
    [InlineData("✅⭐🥇🪐", 8)]
    public void Width_Letters_AreWhatATerminalShows(string text, int width) => Assert.Equal(width, CellText.Width(text));

    [Theory]
    [InlineData("exit code 134 again", 13, "exit code …")]
    [InlineData("exit code 134 again", 15, "exit code 134 …")]
    [InlineData("lost -0.125 of it", 9, "lost …")]
    [InlineData("at 0:07:59 it ended", 9, "at …")]
    [InlineData("1e-05 is small", 5, "…")]
    [InlineData("step 4,883 of 5,000", 9, "step …")]
    [InlineData("中文字典", 6, "中文…")]
    [InlineData("a👨‍👩‍👧b and more", 6, "a…")]
    public void Cut_Numbers_AreWholeOrAbsent(string text, int width, string cut) => Assert.Equal(cut, CellText.Cut(text, width));

    [Theory]
    [InlineData("photos/holiday/img_0123.jpg", 15, "…y/img_0123.jpg")]
    [InlineData("runs/step-00001234.png", 9, "….png")]
    [InlineData("short.png", 9, "short.png")]
    public void CutStart_Paths_KeepTheirEnd(string text, int width, string cut) => Assert.Equal(cut, CellText.CutStart(text, width));

    [Fact]
    public void Wrap_LongText_LosesNothing() =>
        Assert.Equal(["one two", "three", "a-word-that-is-longer", "end"], CellText.Wrap("one two three a-word-that-is-longer end", 8));
}
