namespace ClipDistributed.Cli.Tables;

/// <summary>A curve as one line of text.</summary>
internal static class Sparkline
{
    private const string Heights = "▁▂▃▄▅▆▇█";

    /// <summary>As in <c>█▅▂▁</c>, from the smallest value to the largest; a blank where a value is not finite.</summary>
    /// <param name="width">Columns at most; more values are averaged.</param>
    public static string Of(IReadOnlyList<double> values, int width)
    {
        int columns = Math.Min(width, values.Count);
        double[] means = [.. Enumerable.Range(0, columns).Select(column => Mean(values, column, columns))];
        double[] finite = [.. means.Where(double.IsFinite)];
        if (finite.Length == 0)
            return "";
        double low = finite.Min(), range = finite.Max() - low;
        return string.Concat(means.Select(mean =>
            !double.IsFinite(mean) ? ' '
            : range > 0 ? Heights[(int)Math.Round((mean - low) / range * (Heights.Length - 1))]
            : Heights[0]));
    }

    /// <summary>Of those that share a column; NaN: none is finite.</summary>
    private static double Mean(IReadOnlyList<double> values, int column, int columns)
    {
        int first = (int)((long)column * values.Count / columns), end = (int)((long)(column + 1) * values.Count / columns);
        return Enumerable.Range(first, end - first).Select(i => values[i]).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();
    }
}
