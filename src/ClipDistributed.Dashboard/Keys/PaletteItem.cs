namespace ClipDistributed.Dashboard.Keys;

/// <summary>Something that the palette finds.</summary>
/// <param name="Kind">As in <c>page</c>.</param>
/// <param name="Address">Where it leads.</param>
internal sealed record PaletteItem(string Kind, string Name, string Address)
{
    /// <summary>Those that have all words of the query, such as begin with it first.</summary>
    public static IReadOnlyList<PaletteItem> Find(IEnumerable<PaletteItem> all, string query, int most)
    {
        string[] words = query.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return
        [
            .. all.Where(item => words.All(word => item.Name.Contains(word, StringComparison.OrdinalIgnoreCase)))
                .OrderByDescending(item => item.Name.StartsWith(query.Trim(), StringComparison.OrdinalIgnoreCase))
                .Take(most),
        ];
    }
}
