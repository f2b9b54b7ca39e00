using System.Text;
using ClipDistributed.Cli.Terminals;
using ClipDistributed.Telemetry;

namespace ClipDistributed.Cli.Tables;

/// <summary>
/// Rows as aligned columns, two spaces between them; those whose header begins with a greater-than sign stand right. On a terminal
/// cells are cut so that a row is one line; in a pipe or a file they are whole.
/// </summary>
internal sealed class TextTable(params string[] columns)
{
    private const int Gap = 2, Narrow = 6, Narrowest = 2;

    private readonly string[] headers = [.. columns.Select(column => column.TrimStart('>'))];
    private readonly bool[] isRight = [.. columns.Select(column => column.StartsWith('>'))];
    private readonly List<string[]> rows = [];

    public bool IsEmpty => rows.Count == 0;

    public void Add(params string[] cells) => rows.Add([.. cells.Select(Printable.Line)]);

    public void Write() => Console.Write(ToText(TerminalWidth.Now));

    /// <param name="width">Columns of the terminal; null: as wide as it needs.</param>
    public string ToText(int? width = null)
    {
        int[] widths = [.. headers.Select((header, column) => rows.Select(row => CellText.Width(row[column])).Append(CellText.Width(header)).Max())];
        if (width is { } available)
            Shrink(widths, available);
        var text = new StringBuilder();
        foreach (string[] row in rows.Prepend(headers))
        {
            var cells = row.Select((cell, column) => CellText.Cut(cell, widths[column])).Select(
                (cell, column) => isRight[column] ? CellText.PadLeft(cell, widths[column]) : CellText.PadRight(cell, widths[column]));
            string line = string.Join(new string(' ', Gap), cells).TrimEnd();
            text.Append(width is { } most ? CellText.Cut(line, most) : line).Append('\n');
        }
        return text.ToString();
    }

    /// <summary>The widest column first; the first one, which names the row, and narrow ones last.</summary>
    private static void Shrink(int[] widths, int available)
    {
        while (widths.Sum() + Gap * (widths.Length - 1) > available)
        {
            int widest = Widest(widths, from: 1, above: Narrow) ?? Widest(widths, from: 0, above: Narrow) ?? Widest(widths, from: 0, above: Narrowest) ?? -1;
            if (widest < 0)
                return; // too many columns: the lines are cut
            widths[widest]--;
        }
    }

    private static int? Widest(int[] widths, int from, int above)
    {
        int found = -1;
        for (int i = from; i < widths.Length; i++)
        {
            if (widths[i] > above && (found < 0 || widths[i] > widths[found]))
                found = i;
        }
        return found < 0 ? null : found;
    }
}
