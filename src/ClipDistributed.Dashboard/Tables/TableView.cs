namespace ClipDistributed.Dashboard.Tables;

/// <summary>How a table is sorted and which columns it has, as the address of its page says. Names that are none are passed over.</summary>
/// <param name="Sort">As in <c>loss</c>, or <c>-loss</c> from the largest down; null: in the order of its items.</param>
/// <param name="Columns">As in <c>state,loss</c>; null: those that are shown unless a user chooses.</param>
public sealed record TableView(string? Sort, string? Columns)
{
    private string? Key => Sort?.TrimStart('-');

    private bool IsDescending => Sort?.StartsWith('-') == true;

    public IReadOnlyList<TableColumn<T>> Shown<T>(IReadOnlyList<TableColumn<T>> all)
    {
        var chosen = Columns?.Split(',');
        return [.. all.Where(column => column.IsFixed || (chosen?.Contains(column.Key) ?? column.IsShown))];
    }

    public IReadOnlyList<T> Sorted<T>(IEnumerable<T> items, IReadOnlyList<TableColumn<T>> all)
    {
        if (all.FirstOrDefault(column => column.Key == Key)?.By is not { } by)
            return [.. items];
        var each = items.Select(item => (Item: item, Value: by(item))).ToList();
        var known = each.Where(one => one.Value is not null);
        return
        [
            .. (IsDescending ? known.OrderByDescending(one => one.Value) : known.OrderBy(one => one.Value)).Select(one => one.Item),
            .. each.Where(one => one.Value is null).Select(one => one.Item),
        ];
    }

    /// <summary>As <c>aria-sort</c> has it; null: it is not sorted by this column.</summary>
    public string? Direction<T>(TableColumn<T> column) =>
        column.Key != Key ? null : IsDescending ? "descending" : "ascending";

    /// <summary>The next of three: one direction, the other one, neither.</summary>
    public string? NextSort<T>(TableColumn<T> column)
    {
        var (first, second) = column.IsNumber ? ($"-{column.Key}", column.Key) : (column.Key, $"-{column.Key}");
        return Sort == first ? second : Sort == second ? null : first;
    }

    /// <returns>Null: as where the user has chosen nothing.</returns>
    public string? Toggled<T>(TableColumn<T> column, IReadOnlyList<TableColumn<T>> all)
    {
        var keys = Shown(all).Select(one => one.Key).ToHashSet(StringComparer.Ordinal);
        if (!keys.Remove(column.Key))
            keys.Add(column.Key);
        var now = all.Where(one => !one.IsFixed && keys.Contains(one.Key)).Select(one => one.Key).ToList();
        var usual = all.Where(one => one is { IsFixed: false, IsShown: true }).Select(one => one.Key);
        return now.SequenceEqual(usual) ? null : string.Join(',', now);
    }
}
