using ClipDistributed.Cli.Terminals;

namespace ClipDistributed.Cli.Tests.Terminals;

public sealed class ConsoleWriterTests
{
    private const string Erase = "\r\u001b[2K";

    private readonly StringWriter terminal = new() { NewLine = "\n" };

    [Fact]
    public void WriteLine_BesideABar_ErasesItFirstAndDrawsItAgain()
    {
        var status = Status(width: 80);
        using var writer = new ConsoleWriter(terminal, status, isTerminal: true);
        status.Show(0.5, "step 5/10");
        writer.WriteLine("an incident, longer than the bar that stood there before it was written");
        status.End();
        Assert.Equal(
            "[#####.....] step 5/10"
                + Erase
                + "an incident, longer than the bar that stood there before it was written\n[#####.....] step 5/10"
                + Erase,
            terminal.ToString()
        );
    }

    [Fact]
    public void Write_PartOfALine_KeepsTheBarAway()
    {
        var status = Status(width: 80);
        using var writer = new ConsoleWriter(terminal, status, isTerminal: true);
        status.Show(0, "x");
        terminal.GetStringBuilder().Clear();
        writer.Write("one ");
        status.Show(1, "y");
        writer.Write("line\n");
        Assert.Equal(Erase + "one line\n[##########] y", terminal.ToString());
    }

    [Theory]
    [InlineData(20)]
    [InlineData(60)]
    public void Show_LongerThanTheTerminal_LeavesTheLastColumnFree(int width)
    {
        Status(width).Show(0.2, "step      7/1563  loss 5.5452  scale 14.29  812 samples/s  0:07:59 left, and 中文 of other things");
        Assert.InRange(CellText.Width(terminal.ToString()), 1, width - 1);
    }

    [Theory]
    [InlineData(120, "[##........] step 7/1563  loss 5.5452  0:07:59 left  812 samples/s")]
    [InlineData(60, "[##........] step 7/1563  loss 5.5452  0:07:59 left")]
    [InlineData(40, "[##........] step 7/1563  loss 5.5452")]
    [InlineData(21, "step 7/1563")]
    [InlineData(10, "step …")]
    public void Show_LessRoom_LeavesOutWholePiecesThenTheBar(int width, string shown)
    {
        Status(width).Show(0.2, "step 7/1563", "loss 5.5452", "0:07:59 left", "812 samples/s");
        Assert.Equal(shown, terminal.ToString());
    }

    [Fact]
    public void Show_EscapeSequence_IsEscaped()
    {
        Status(width: 80).Show(0, "\u001b[2J\nx");
        Assert.EndsWith(@"\u001B[2J\u000Ax", terminal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_EscapeSequences_AreShown()
    {
        using var writer = new ConsoleWriter(terminal, Status(width: 80), isTerminal: false);
        writer.WriteLine("caption \u001b]0;owned\a\u202e");
        writer.Write('\u001b');
        writer.Write("😀"[0]);
        writer.Write("😀"[1]);
        writer.Write(['a', '\u009b'], 0, 2);
        Assert.Equal(@"caption \u001B]0;owned\u0007\u202E" + "\n" + @"\u001B😀a\u009B", terminal.ToString());
    }

    [Fact]
    public void Write_TerminalIsGone_GoesOn()
    {
        using var writer = new ConsoleWriter(new Gone(), Status(width: 80), isTerminal: true);
        writer.WriteLine("still here");
        using var pipe = new ConsoleWriter(new Gone(), Status(width: 80), isTerminal: false);
        Assert.Throws<IOException>(() => pipe.WriteLine("not here"));
    }

    private StatusLine Status(int width) => new(terminal, () => width, TimeProvider.System);

    private sealed class Gone : StringWriter
    {
        public override void Write(string? value) => throw new IOException("Input/output error");
    }
}
