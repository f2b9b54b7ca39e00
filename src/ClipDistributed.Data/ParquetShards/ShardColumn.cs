using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.ParquetFiles;

namespace ClipDistributed.Data.ParquetShards;

/// <summary>Finds the columns that hold images, captions and labels in a shard's schema.</summary>
internal static class ShardColumn
{
    private const int MaxShown = 40;

    /// <summary>The first column with a usual name of the role and a type that fits; null: there is none.</summary>
    public static string? FindByUsualName(IReadOnlyList<SchemaNode> columns, ColumnRole role, bool isWanted) =>
        (ByUsualName(columns, role, leaf => role.Fits(leaf.Kind))
            ?? (isWanted ? ByUsualName(columns, role, leaf => role.FitsIfWanted(leaf.Kind)) : null))?.Name;

    /// <summary>The first column with a usual name, which has no type that fits; null: no column has such a name.</summary>
    public static SchemaNode? FindUnusable(IReadOnlyList<SchemaNode> columns, ColumnRole role) =>
        role.UsualNames.SelectMany(
            usual => columns.Where(column => column.Name.Equals(usual, StringComparison.OrdinalIgnoreCase))).FirstOrDefault();

    /// <summary>The leaf that holds the values of a named column; null: no such column, or its type does not fit.</summary>
    public static SchemaNode? Find(IReadOnlyList<SchemaNode> columns, string name, ColumnRole role) =>
        columns.FirstOrDefault(column => column.Name == name) is { } column && LeafOf(column, role) is { } leaf
            && (role.Fits(leaf.Kind) || role.FitsIfWanted(leaf.Kind))
            ? leaf
            : null;

    /// <summary>The columns with their types, for a message.</summary>
    public static string Describe(IReadOnlyList<SchemaNode> columns) =>
        FileWords.List(columns.Select(column => $"{FileWords.Of(column.Name, MaxShown)} ({column.TypeName})"), columns.Count);

    private static SchemaNode? ByUsualName(IReadOnlyList<SchemaNode> columns, ColumnRole role, Func<SchemaNode, bool> fits) =>
        (from usual in role.UsualNames
         from column in columns
         where column.Name.Equals(usual, StringComparison.OrdinalIgnoreCase) && LeafOf(column, role) is { } leaf && fits(leaf)
         select column).FirstOrDefault();

    private static SchemaNode? LeafOf(SchemaNode column, ColumnRole role)
    {
        // Hugging Face stores an image as {bytes, path}; the path names a file that is not part of the dataset.
        var leaf = column.Kind == ValueKind.Struct && role == ColumnRole.Image
            ? column.Children.FirstOrDefault(child => child.Name == "bytes")
            : column;
        return leaf is { Physical: not null, MaxRepetition: 0 } ? leaf : null;
    }
}
