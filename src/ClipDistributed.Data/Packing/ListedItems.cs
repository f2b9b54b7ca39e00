using ClipDistributed.Data.Packing.Lists;

namespace ClipDistributed.Data.Packing;

/// <summary>Brings the rows of a list and the files of the folders together.</summary>
internal static class ListedItems
{
    /// <summary>
    /// The files in their order, each with all its captions in the order of the list; then files of the list that lie elsewhere, by
    /// their paths; then the rows that have no file.
    /// </summary>
    public static IEnumerable<PackItem> Make(IReadOnlyList<PackItem> files, CaptionList list, ImageFinder finder)
    {
        var rowsOf = new Dictionary<string, List<ListRow>>(StringComparer.Ordinal);
        var lost = new List<PackItem>();
        foreach (var row in list.Rows)
        {
            var found = row.Image is null ? new FoundImage(null, row.Problem) : finder.Find(row.Image);
            if (found.Path is null)
                lost.Add(new PackItem("", row.Image ?? "(no image)", Problem: found.Problem, Line: row.Line, Detail: found.Detail));
            else if (rowsOf.TryGetValue(found.Path, out var rows))
                rows.Add(row);
            else
                rowsOf.Add(found.Path, [row]);
        }
        foreach (var file in files)
        {
            if (!rowsOf.Remove(file.Path, out var rows))
                yield return file with { Problem = file.Problem ?? finder.NotListed };
            foreach (var row in rows ?? [])
                yield return Of(file, row);
        }
        foreach (var (path, rows) in rowsOf.OrderBy(elsewhere => elsewhere.Key, StringComparer.Ordinal))
        {
            foreach (var row in rows)
                yield return Of(new PackItem(path, path), row);
        }
        foreach (var item in lost)
            yield return item;
    }

    private static PackItem Of(PackItem file, ListRow row) =>
        file with { Caption = row.Caption, Problem = file.Problem ?? row.Problem, Line = row.Line };
}
