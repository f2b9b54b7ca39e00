using ClipDistributed.Telemetry;

namespace ClipDistributed.Cli.Terminals;

/// <summary>
/// The last line of a terminal, which says how far a command is. It is erased before anything else is printed and comes back behind
/// it. Elsewhere there is none: in a log it would be noise.
/// </summary>
internal sealed class StatusLine
{
    private const int BarWidth = 10, Gap = 2;
    private const string EraseLine = "\r\u001b[2K";
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);

    private readonly TextWriter? terminal;
    private readonly Func<int> width;
    private readonly TimeProvider time;
    private double part;
    private string[] pieces = []; // none: there is nothing to show
    private bool isShown;
    private bool isLineOpen; // something was printed that no line's end followed
    private long drawn;

    /// <param name="terminal">Null: there is no terminal.</param>
    internal StatusLine(TextWriter? terminal, Func<int> width, TimeProvider time) =>
        (this.terminal, this.width, this.time) = (terminal, width, time);

    /// <summary>That of this process.</summary>
    public static StatusLine Current { get; private set; } = new(null, () => 0, TimeProvider.System);

    /// <summary>Held while something is printed.</summary>
    public Lock Gate { get; } = new();

    public bool IsOnTerminal => terminal is not null;

    public static StatusLine Use(TextWriter? terminal) =>
        Current = new StatusLine(
            Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb" ? null : terminal, () => TerminalWidth.Now ?? 80,
            TimeProvider.System);

    /// <param name="part">What is done of it, 0 to 1.</param>
    /// <param name="pieces">The most important one first; where room is missing those behind are left out whole, then the bar.</param>
    public void Show(double part, params ReadOnlySpan<string> pieces)
    {
        lock (Gate)
        {
            this.part = double.IsFinite(part) ? Math.Clamp(part, 0, 1) : 0;
            this.pieces = [.. pieces];
            if (!isShown || time.GetElapsedTime(drawn) >= ShortestPause)
                Draw();
        }
    }

    /// <summary>Removes it for good.</summary>
    public void End()
    {
        lock (Gate)
        {
            Erase();
            pieces = [];
        }
    }

    /// <summary>Before something is printed.</summary>
    public void Erase()
    {
        if (isShown)
            Try(EraseLine);
        isShown = false;
    }

    /// <summary>After something was printed.</summary>
    public void Printed(string what)
    {
        isLineOpen = !what.EndsWith('\n');
        if (pieces.Length > 0 && !isLineOpen)
            Draw();
    }

    private void Draw()
    {
        if (terminal is null || isLineOpen)
            return;
        // The last column stays free: a full line would wrap, and only its second half could be erased.
        Try((isShown ? EraseLine : "") + Text(Math.Max(1, width() - 1)));
        (isShown, drawn) = (true, time.GetTimestamp());
    }

    private string Text(int columns)
    {
        int filled = (int)(BarWidth * part);
        string bar = $"[{new string('#', filled)}{new string('.', BarWidth - filled)}] ";
        string text = Printable.Line(pieces[0]);
        if (bar.Length + CellText.Width(text) > columns)
            bar = "";
        foreach (string piece in pieces.Skip(1).Select(Printable.Line))
        {
            if (bar.Length + CellText.Width(text) + Gap + CellText.Width(piece) > columns)
                break;
            text += new string(' ', Gap) + piece;
        }
        return CellText.Cut(bar + text, columns);
    }

    private void Try(string what)
    {
        try
        {
            terminal?.Write(what);
            terminal?.Flush();
        }
        catch (IOException)
        {
            // The terminal is gone.
        }
    }
}
