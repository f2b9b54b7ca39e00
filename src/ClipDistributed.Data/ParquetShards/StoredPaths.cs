using System.Text;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.ParquetFiles;

namespace ClipDistributed.Data.ParquetShards;

/// <summary>Recognises columns that only say where images are, or hold them as text.</summary>
internal static class StoredPaths
{
    private const int MaxShown = 60;

    // What the first ones with rows hold, the others hold too: their footers agree.
    private const int GroupsRead = 4;

    // A column of nulls has a page header and some levels; the smallest images have more than this a row.
    private const int NullBytesPerGroup = 256, NullBytesPerRow = 16;

    /// <summary>What is wrong with a struct of images in which no row has bytes; null: some may.</summary>
    public static string? Instead(ParquetFile file, SchemaNode column)
    {
        if (column.Children.FirstOrDefault(child => child.Name == "bytes") is not { } bytes
            || !Enumerable.Range(0, file.Footer.Groups.Count).All(group => MayBeEmpty(file, group, bytes))
            || !FirstGroups(file).All(group => IsEmpty(file, group, bytes)))
        {
            return null;
        }
        string? first = column.Children.FirstOrDefault(child => child is { Kind: ValueKind.Text, MaxRepetition: 0 }) is { } path
            ? First(file, path)
            : null;
        return $"no row has image bytes{(first is null ? "" : $", only paths (first: {FileWords.Of(first, MaxShown)})")}. "
            + "Shards hold the images themselves: write their bytes into the column, or pack the files with clipd data pack.";
    }

    /// <summary>For a message about a column of images that has another type: what its first value looks like, in parentheses.</summary>
    public static string Describe(ParquetFile file, SchemaNode column)
    {
        var text = column.Kind == ValueKind.Text
            ? column
            : column.Children.FirstOrDefault(child => child is { Kind: ValueKind.Text, MaxRepetition: 0 });
        return text is not null && First(file, text) is { } first
            ? $" ({ImageText.KindOf(Encoding.UTF8.GetBytes(first)) ?? "text"}, first: {FileWords.Of(first, MaxShown)})"
            : "";
    }

    private static IEnumerable<int> FirstGroups(ParquetFile file) =>
        Enumerable.Range(0, file.Footer.Groups.Count).Where(group => file.Footer.Groups[group].Rows > 0).Take(GroupsRead);

    private static bool MayBeEmpty(ParquetFile file, int group, SchemaNode bytes) =>
        file.Footer.Chunk(group, bytes, file.DataLength).Uncompressed
            <= NullBytesPerGroup + NullBytesPerRow * file.Footer.Groups[group].Rows;

    private static bool IsEmpty(ParquetFile file, int group, SchemaNode bytes)
    {
        try
        {
            return ColumnReader.Read<byte[]>(file, group, bytes, value => value.ToArray()).All(value => value is null or []);
        }
        catch (InvalidDataException)
        {
            return false; // damage is counted where the rows are read
        }
    }

    private static string? First(ParquetFile file, SchemaNode text)
    {
        foreach (int group in FirstGroups(file))
        {
            try
            {
                var values = ColumnReader.Read<string>(file, group, text, Encoding.UTF8.GetString);
                if (values.FirstOrDefault(value => !string.IsNullOrEmpty(value)) is { } first)
                    return first;
            }
            catch (InvalidDataException)
            {
                return null; // an example is not worth another error
            }
        }
        return null;
    }
}
