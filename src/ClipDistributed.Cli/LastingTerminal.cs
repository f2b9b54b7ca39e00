using System.Text;

namespace ClipDistributed.Cli;

/// <summary>A terminal that may go while a run is saved: what cannot be shown any more is dropped, and the program goes on.</summary>
internal sealed class LastingTerminal(TextWriter terminal) : TextWriter
{
    public override Encoding Encoding => terminal.Encoding;

    /// <summary>To be called before anything is shown. Files and pipes stay as they are: what they do not take is an error.</summary>
    public static void Use()
    {
        if (!Console.IsOutputRedirected)
            Console.SetOut(new LastingTerminal(Console.Out));
        if (!Console.IsErrorRedirected)
            Console.SetError(new LastingTerminal(Console.Error));
    }

    public override void Write(char value) => Try(() => terminal.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => terminal.Write(buffer, index, count));

    public override void Write(string? value) => Try(() => terminal.Write(value));

    public override void WriteLine(string? value) => Try(() => terminal.WriteLine(value));

    public override void Flush() => Try(terminal.Flush);

    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException)
        {
            // It is gone, and with it whoever read it; SIGHUP says what follows.
        }
    }
}
