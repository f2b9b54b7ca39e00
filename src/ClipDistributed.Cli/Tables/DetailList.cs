using System.Text;
using ClipDistributed.Cli.Terminals;
using ClipDistributed.Telemetry;

namespace ClipDistributed.Cli.Tables;

/// <summary>Names and values of one thing, one a line. On a terminal long values go on below themselves; nothing is cut.</summary>
internal sealed class DetailList
{
    private const int Gap = 2, MinValueWidth = 16;

    private readonly List<(string Name, string Value)> lines = [];

    public void Add(string name, string value) => lines.Add((Printable.Line(name), Printable.Line(value)));

    public void Write() => Console.Write(ToText(TerminalWidth.Now));

    /// <param name="width">Columns of the terminal; null: as wide as it needs.</param>
    public string ToText(int? width = null)
    {
        if (lines.Count == 0)
            return "";
        int names = lines.Max(line => CellText.Width(line.Name)) + Gap;
        int values = (width ?? int.MaxValue) - names;
        var text = new StringBuilder();
        foreach (var (name, value) in lines)
        {
            // Beside long names there may be too little room.
            var parts = CellText.Wrap(value, Math.Max(values, MinValueWidth));
            string lead = CellText.PadRight(name, names);
            foreach (string part in parts)
            {
                text.Append((lead + part).TrimEnd()).Append('\n');
                lead = new string(' ', names);
            }
        }
        return text.ToString();
    }
}
