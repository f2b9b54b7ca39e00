using System.Text;
using ClipDistributed.Telemetry;

namespace ClipDistributed.Cli.Terminals;

/// <summary>
/// All that a command prints goes through here, so that no command can forget it: what a terminal would obey is escaped
/// (<see cref="Printable"/>), and a progress bar is erased before. A terminal that is gone while a run is saved takes nothing any
/// more, and the program goes on; a file or a pipe that takes nothing is an error.
/// </summary>
internal sealed class ConsoleWriter(TextWriter inner, StatusLine status, bool isTerminal) : TextWriter
{
    private char high; // the first half of a character whose second half comes with the next call

    public override Encoding Encoding => inner.Encoding;

    /// <summary>To be called before anything is printed.</summary>
    public static void Use()
    {
        bool isTerminal = !Console.IsOutputRedirected;
        var status = StatusLine.Use(isTerminal ? Console.Out : null);
        Console.SetOut(new ConsoleWriter(Console.Out, status, isTerminal));
        Console.SetError(new ConsoleWriter(Console.Error, status, !Console.IsErrorRedirected));
    }

    public override void Write(char value) => Write(value.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(new string(buffer));

    public override void WriteLine(string? value) => Write(value + Environment.NewLine);

    public override void Write(string? value)
    {
        if (string.IsNullOrEmpty(value))
            return;
        lock (status.Gate)
        {
            string text = high == '\0' ? value : high + value;
            high = char.IsHighSurrogate(text[^1]) ? text[^1] : '\0';
            string shown = Printable.Text(high == '\0' ? text : text[..^1]);
            status.Erase();
            Try(() => inner.Write(shown));
            status.Printed(shown);
        }
    }

    public override void Flush() => Try(inner.Flush);

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException) when (isTerminal)
        {
            // It is gone, and its reader too; SIGHUP says what follows.
        }
    }
}
