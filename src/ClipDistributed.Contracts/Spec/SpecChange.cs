using System.Globalization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.Text;

namespace ClipDistributed.Contracts.Spec;

/// <summary>
/// One <c>--set path=value</c>, applied to the text's values before they are read: mistakes in it are found as those of the file are.
/// </summary>
internal static class SpecChange
{
    private const int MaxParts = 16;

    /// <param name="path">As in <c>optimizer.lr</c> and <c>data.train[0].path</c>.</param>
    /// <exception cref="SpecSyntaxException">The path names no place.</exception>
    public static SpecNode Apply(SpecNode root, string path, SpecNode value, string source)
    {
        string[] parts = path.Replace("[", ".[", StringComparison.Ordinal).Split('.');
        if (parts.Length > MaxParts || parts.Contains(""))
            throw new SpecSyntaxException(
                $"{source}: the path has an empty part or too many; write it as in optimizer.lr or data.train[0].path.");
        return Set(root, parts, value, source);
    }

    private static SpecNode Set(SpecNode? at, ReadOnlySpan<string> parts, SpecNode value, string source)
    {
        if (parts.Length == 0)
            return value;
        return parts[0][0] == '[' ? SetItem(at, parts, value, source) : SetKey(at, parts, value, source);
    }

    private static SpecMap SetKey(SpecNode? at, ReadOnlySpan<string> parts, SpecNode value, string source)
    {
        string key = parts[0];
        List<SpecEntry> entries = at is SpecMap map ? [.. map.Entries] : [];
        int place = entries.FindIndex(entry => Plain(entry.Key) == Plain(key));
        var changed = Set(place < 0 ? null : entries[place].Value, parts[1..], value, source);
        if (place < 0)
            entries.Add(new SpecEntry(key, changed, source));
        else
            entries[place] = entries[place] with { Value = changed };
        return new SpecMap(entries, at?.Where ?? source);
    }

    private static SpecList SetItem(SpecNode? at, ReadOnlySpan<string> parts, SpecNode value, string source)
    {
        List<SpecNode> items = at is SpecList list ? [.. list.Items] : [];
        string number = parts[0].Trim('[', ']');
        bool isNumber = int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int index);
        if (!isNumber || index > items.Count || !parts[0].EndsWith(']'))
            throw new SpecSyntaxException(
                $"{source}: the list has {Counted.Plain(items.Count, "entry", "entries")}; use [0] to [{items.Count}].");
        var changed = Set(index < items.Count ? items[index] : null, parts[1..], value, source);
        if (index < items.Count)
            items[index] = changed;
        else
            items.Add(changed);
        return new SpecList(items, at?.Where ?? source);
    }

    /// <summary>snake_case and camelCase name the same field.</summary>
    private static string Plain(string key) => key.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
}
