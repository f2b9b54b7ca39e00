using System.Globalization;

namespace ClipDistributed.WorkerHost.Places;

/// <summary>Processors by number, as Linux lists them.</summary>
internal static class ProcessorList
{
    /// <summary>No kernel has more.</summary>
    public const int Max = 8192;

    /// <param name="text">As in <c>0-15,64-79</c>; empty: none.</param>
    /// <returns>In order, each once; null: it is no such list.</returns>
    public static IReadOnlyList<int>? Parse(string text)
    {
        var processors = new SortedSet<int>();
        foreach (string range in text.Trim().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] ends = range.Split('-');
            if (ends.Length > 2 || Number(ends[0]) is not { } first || Number(ends[^1]) is not { } last || last < first)
                return null;
            processors.UnionWith(Enumerable.Range(first, last - first + 1));
        }
        return [.. processors];
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < Max ? number : null;
}
