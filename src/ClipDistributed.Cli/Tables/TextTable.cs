using System.Text;
using ClipDistributed.Cli.Terminals;
using ClipDistributed.Telemetry;

namespace ClipDistributed.Cli.Tables;

/// <summary>
/// Rows as aligned columns, two spaces between them. On a terminal a row is one line but for texts that are wrapped: where room is missing
/// texts are cut, then whole
/// columns are left out in their stated order and named below, and at last each row is printed as a list of its values. No number is
/// ever cut. In a pipe or a file all is whole.
/// </summary>
internal sealed class TextTable(params Column[] columns)
{
    private const int Gap = 2, Narrow = 12;

    private readonly List<string[]> rows = [];
    private readonly List<(int Row, string Text)> notes = []; // by the row above

    public bool IsEmpty => rows.Count == 0;

    public void Add(params string[] cells) => rows.Add([.. cells.Select(Printable.Line)]);

    /// <summary>A line below the last row, wrapped to the terminal's width.</summary>
    public void AddNote(string text) => notes.Add((rows.Count - 1, Printable.Line(text)));

    public void Write() => Console.Write(ToText(TerminalWidth.Now));

    /// <param name="width">Columns of the terminal; null: as wide as it needs.</param>
    public string ToText(int? width = null)
    {
        int[] natural =
        [
            .. columns.Select((column, i) => rows.Select(row => CellText.Width(row[i])).Append(CellText.Width(column.Header)).Max()),
        ];
        if (width is not { } available)
            return Aligned([.. Enumerable.Range(0, columns.Length)], natural, null);
        var shown = Enumerable.Range(0, columns.Length).ToList();
        foreach (int? next in columns.Select(column => column.Drop).Where(drop => drop is not null).Order().Prepend(null))
        {
            if (next is not null)
                shown.RemoveAll(i => columns[i].Drop == next);
            if (Fit(shown, natural, available) is { } widths)
                return Aligned(shown, widths, available) + LeftOut(shown, available);
        }
        return Listed(available);
    }

    /// <returns>The width of each column; null: they do not fit.</returns>
    private int[]? Fit(List<int> shown, int[] natural, int available)
    {
        int[] widths = [.. natural];
        while (shown.Sum(i => widths[i]) + Gap * (shown.Count - 1) > available)
        {
            int widest = shown.Where(i => columns[i].IsText && widths[i] > Narrow).DefaultIfEmpty(-1).MaxBy(i => i < 0 ? 0 : widths[i]);
            if (widest < 0)
                return null;
            widths[widest]--;
        }
        return widths;
    }

    private string Aligned(IReadOnlyList<int> shown, int[] widths, int? available)
    {
        var text = new StringBuilder();
        AddLine([.. columns.Select(column => column.Header)]);
        for (int row = 0; row < rows.Count; row++)
        {
            AddLine(rows[row]);
            foreach (string note in NotesOf(row))
                text.Append(available is { } most ? Wrapped(note, most) : note).Append('\n');
        }
        return text.ToString();

        void AddLine(string[] cells)
        {
            IReadOnlyList<string>[] lines = [.. shown.Select(i => Lines(columns[i], cells[i], widths[i]))];
            for (int line = 0; line < lines.Max(cell => cell.Count); line++)
            {
                var padded = shown.Select((i, at) => (Cell: lines[at].ElementAtOrDefault(line) ?? "", i)).Select(
                    one => columns[one.i].IsRight ? CellText.PadLeft(one.Cell, widths[one.i]) : CellText.PadRight(one.Cell, widths[one.i]));
                text.Append(string.Join(new string(' ', Gap), padded).TrimEnd()).Append('\n');
            }
        }
    }

    private static IReadOnlyList<string> Lines(Column column, string cell, int width) =>
        column.IsWrapped ? CellText.Wrap(cell, width) : [column.IsPath ? CellText.CutStart(cell, width) : CellText.Cut(cell, width)];

    /// <summary>Its lines are indented as the first.</summary>
    private static string Wrapped(string note, int width)
    {
        string text = note.TrimStart(), indent = note[..^text.Length];
        return string.Join('\n', CellText.Wrap(text, width - indent.Length).Select(line => indent + line));
    }

    private string LeftOut(List<int> shown, int available)
    {
        var missing = columns.Where((_, i) => !shown.Contains(i)).Select(column => column.Header).ToList();
        return missing.Count == 0 ? ""
            : string.Join('\n', CellText.Wrap($"(too narrow for: {string.Join(", ", missing)})", available)) + "\n";
    }

    /// <summary>A value a line, an empty line between rows; one that begins with an empty cell goes on with the thing above.</summary>
    private string Listed(int available)
    {
        var text = new StringBuilder();
        for (int row = 0; row < rows.Count; row++)
        {
            if (row > 0 && rows[row][0] != "")
                text.Append('\n');
            var list = new DetailList();
            for (int i = 0; i < columns.Length; i++)
            {
                if (rows[row][i] != "")
                    list.Add(columns[i].Name ?? columns[i].Header, rows[row][i]);
            }
            text.Append(list.ToText(available));
            foreach (string note in NotesOf(row))
                text.AppendJoin('\n', CellText.Wrap(note.Trim(), available)).Append('\n');
        }
        return text.ToString();
    }

    private IEnumerable<string> NotesOf(int row) => notes.Where(note => note.Row == row).Select(note => note.Text);
}
