using System.Text;
using Spectre.Console;

namespace ClipDistributed.Cli.Tables;

/// <summary>Rows for people: with borders on a terminal, as aligned columns in a pipe or a file.</summary>
internal sealed class TextTable(params string[] headers)
{
    private readonly List<string[]> rows = [];

    public bool IsEmpty => rows.Count == 0;

    public void Add(params string[] cells) => rows.Add(cells);

    public void Write()
    {
        if (Console.IsOutputRedirected)
            Console.Write(ToText());
        else
            AnsiConsole.Write(ToTable());
    }

    /// <summary>Two spaces between columns, none at the end of a line.</summary>
    public string ToText()
    {
        int[] widths = [.. headers.Select((header, column) => rows.Select(row => row[column].Length).Append(header.Length).Max())];
        var text = new StringBuilder();
        foreach (string[] row in rows.Prepend(headers))
            text.AppendLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        return text.ToString();
    }

    private Table ToTable()
    {
        var table = new Table().RoundedBorder().AddColumns(headers);
        foreach (string[] row in rows)
            table.AddRow([.. row.Select(Markup.Escape)]);
        return table;
    }
}
