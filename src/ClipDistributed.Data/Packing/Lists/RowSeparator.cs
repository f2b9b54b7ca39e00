using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Packing.Lists;

/// <summary>Finds lists whose rows have another separator than their first line: no row of them would be understood.</summary>
internal static class RowSeparator
{
    /// <exception cref="BadInputException">Most rows lack values that another separator would give them.</exception>
    public static void Check(string file, ListHeader header, IReadOnlyList<SeparatedRow> rows)
    {
        int needed = Math.Max(header.Image, header.Caption) + 1;
        SeparatedRow[] lacking = [.. rows.Where(row => row.Values.Count < needed)];
        if (lacking.Length * 2 <= rows.Count)
            return;
        foreach (char other in Separator.Usual(file).Where(other => other != header.Separator))
        {
            SeparatedRow[] meant = [.. lacking.Where(row => row.Values.Exists(value => value.Split(other).Length >= needed))];
            if (meant.Length * 2 <= rows.Count)
                continue;
            throw new BadInputException(
                $"{file}: line {meant[0].Line} has {Counted.Of(meant[0].Values.Count, "value")}, the "
                    + $"{(header.HasNames ? "header" : "first line")} "
                    + $"{header.Columns}; is the separator '{(other == '\t' ? "\\t" : other)}'? Separate the values of all lines alike."
            );
        }
    }
}
