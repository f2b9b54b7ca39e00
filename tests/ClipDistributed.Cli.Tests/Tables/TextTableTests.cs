using ClipDistributed.Cli.Tables;
using ClipDistributed.Cli.Terminals;
using CsCheck;

namespace ClipDistributed.Cli.Tests.Tables;

public sealed class TextTableTests
{
    [Fact]
    public void ToText_Pipe_IsAlignedAndWhole()
    {
        var table = Runs(reason: new string('x', 500));
        Assert.Equal(
            $"run     phase    steps  reason\ndemo-1  pending     12  {new string('x', 500)}\ndemo-2  中文         3\n",
            table.ToText()
        );
    }

    [Theory]
    [InlineData(80)]
    [InlineData(60)]
    [InlineData(40)]
    public void ToText_Terminal_CutsTextsSoThatEachRowIsOneLine(int width)
    {
        string[] lines = Lines(Runs(reason: "a host is lost and " + new string('中', 90)), width);
        Assert.Equal(3, lines.Length);
        Assert.All(lines.Skip(1), line => Assert.StartsWith("demo-", line, StringComparison.Ordinal));
        Assert.Contains('…', lines[1]);
    }

    [Fact]
    public void ToText_LessRoom_LeavesWholeColumnsOutInTheirOrderAndSaysSo()
    {
        var table = new TextTable("run", new Column("step", Drop: 2), new Column("memory", Drop: 1), Column.Text("reason"));
        table.Add("demo-1", "1234567/12345678", "1.5 GiB", "x");
        Assert.Equal("run     step              reason\ndemo-1  1234567/12345678  x\n(too narrow for: memory)\n", table.ToText(40));
        Assert.Equal("run     reason\ndemo-1  x\n(too narrow for:\nstep, memory)\n", table.ToText(20));
    }

    [Fact]
    public void ToText_NothingToLeaveOut_IsAListOfValues()
    {
        var table = new TextTable("data", new Column("R@5", Name: "text R@5"), "pairs");
        table.Add("flickr", "98.7 %", "1,000");
        table.Add("coco", "87.6 %", "5,000");
        Assert.Equal(
            "data      flickr\ntext R@5  98.7 %\npairs     1,000\n\ndata      coco\ntext R@5  87.6 %\npairs     5,000\n",
            table.ToText(20)
        );
    }

    [Fact]
    public void ToText_Note_StandsBelowItsRow()
    {
        var table = new TextTable("what");
        table.Add("a");
        table.AddNote("  seen: exit code 134");
        table.Add("b");
        Assert.Equal("what\na\n  seen: exit code 134\nb\n", table.ToText());
        Assert.Equal("what\na\n  seen: exit code\n  134\nb\n", table.ToText(20));
    }

    [Fact]
    public void ToText_WrappedColumn_GoesOnBelowItsRow()
    {
        var table = new TextTable("what", ">lost", new Column("then", IsText: true, IsWrapped: true));
        table.Add("host lost", "7 s", "generation 2 began with 3 replicas");
        table.Add("b", "8 s", "nothing yet");
        Assert.Equal(
            "what       lost  then\nhost lost   7 s  generation 2\n                 began with 3\n                 replicas\nb   "
                + "        8 s  nothing yet\n",
            table.ToText(32)
        );
        Assert.Contains("generation 2 began with 3 replicas\n", table.ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public void ToText_Numbers_AreWholeOrTheirColumnIsLeftOut() =>
        Gen.Select(
                Gen.Long[0, 1_000_000_000].Array[4].Array[1, 20],
                Gen.OneOf(new[] { "a", " ", "中", "😀", "e\u0301" }.Select(Gen.Const).ToArray()).Array[0, 60],
                Gen.Int[10, 120]
            )
            .Sample(
                (numbers, name, width) =>
                {
                    var table = new TextTable(
                        "number",
                        ">right",
                        new Column("first", Drop: 1),
                        new Column("second", Drop: 2),
                        Column.Text("name")
                    );
                    foreach (long[] row in numbers)
                        table.Add([.. row.Select(number => $"{number}"), string.Concat(name)]);
                    string text = table.ToText(width);
                    foreach (long[] row in numbers)
                    {
                        Assert.Contains($"{row[0]}", text, StringComparison.Ordinal);
                        Assert.Contains($"{row[1]}", text, StringComparison.Ordinal);
                    }
                    foreach (
                        string word in text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Where(word => char.IsDigit(word[0]))
                    )
                        Assert.Contains(numbers.SelectMany(row => row), number => $"{number}" == word);
                }
            );

    [Fact]
    public void ToText_LinesAndEscapesInCells_StayOneLine()
    {
        var table = new TextTable("caption");
        table.Add("two\nlines \u001b[1mbold\u202e");
        Assert.Equal("caption\n" + @"two\u000Alines \u001B[1mbold\u202E" + "\n", table.ToText(60));
    }

    private static string[] Lines(TextTable table, int width)
    {
        string[] lines = table.ToText(width).TrimEnd('\n').Split('\n');
        Assert.All(lines, line => Assert.True(CellText.Width(line) <= width, line));
        return lines;
    }

    private static TextTable Runs(string reason)
    {
        var table = new TextTable("run", "phase", ">steps", Column.Text("reason"));
        table.Add("demo-1", "pending", "12", reason);
        table.Add("demo-2", "中文", "3", "");
        return table;
    }
}
