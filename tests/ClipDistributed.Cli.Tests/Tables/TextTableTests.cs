using ClipDistributed.Cli.Tables;

namespace ClipDistributed.Cli.Tests.Tables;

public sealed class TextTableTests
{
    [Fact]
    public void ToText_Pipe_IsAlignedAndWhole()
    {
        var table = Runs(reason: new string('x', 500));
        Assert.Equal($"run     phase    steps  reason\ndemo-1  pending     12  {new string('x', 500)}\ndemo-2  中文         3\n", table.ToText());
    }

    [Theory]
    [InlineData(80)]
    [InlineData(60)]
    [InlineData(30)]
    [InlineData(10)]
    public void ToText_Terminal_CutsCellsSoThatEachRowIsOneLine(int width)
    {
        string[] lines = Runs(reason: "a host is away and " + new string('中', 90)).ToText(width).TrimEnd('\n').Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.All(lines, line => Assert.True(CellText.Width(line) <= width, line));
        if (width >= 30)
            Assert.All(lines.Skip(1), line => Assert.StartsWith("demo-", line, StringComparison.Ordinal));
        Assert.Contains('…', lines[1]);
    }

    [Fact]
    public void ToText_LongCellInTheMiddle_LeavesRoomForTheOthers()
    {
        var table = new TextTable("run", "reason", "steps");
        table.Add("demo-1", new string('x', 200), "12 of 40");
        Assert.Matches(@"^demo-1  x+…  12 of 40\n$", table.ToText(60).Split('\n', 2)[1]);
    }

    [Fact]
    public void ToText_LinesAndEscapesInCells_StayOneLine()
    {
        var table = new TextTable("caption");
        table.Add("two\nlines \u001b[1mbold\u202e");
        Assert.Equal("caption\n" + @"two\u000Alines \u001B[1mbold\u202E" + "\n", table.ToText(60));
    }

    [Theory]
    [InlineData("abc", 3)]
    [InlineData("中文", 4)]
    [InlineData("e\u0301", 1)]
    [InlineData("😀", 2)]
    public void Width_Letters_AreWhatATerminalShows(string text, int width) => Assert.Equal(width, CellText.Width(text));

    private static TextTable Runs(string reason)
    {
        var table = new TextTable("run", "phase", ">steps", "reason");
        table.Add("demo-1", "pending", "12", reason);
        table.Add("demo-2", "中文", "3", "");
        return table;
    }
}
