using System.Globalization;

namespace ClipDistributed.Cli.Terminals;

/// <summary>Columns of the terminal that shows the output.</summary>
internal static class TerminalWidth
{
    private const int Narrowest = 20;

    /// <summary>The variable COLUMNS, where it is set, else what the terminal says. Null: a pipe or a file, which has no margin.</summary>
    public static int? Now
    {
        get
        {
            if (Console.IsOutputRedirected)
                return null;
            if (Given is { } given)
                return given;
            return Ask() is > 0 and var width ? Math.Max(Narrowest, width) : null;
        }
    }

    /// <summary>The variable COLUMNS; null: it is not set.</summary>
    public static int? Given =>
        int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out int given)
        && given > 0
            ? Math.Max(Narrowest, given)
            : null;

    private static int Ask()
    {
        try
        {
            return Console.WindowWidth;
        }
        catch (IOException)
        {
            return 0; // the terminal is gone
        }
    }
}
