using ClipDistributed.Data.ParquetFiles;

namespace ClipDistributed.Data.Shards;

/// <summary>Finds the columns that hold images, captions and labels in a shard's schema.</summary>
internal static class ShardColumn
{
    /// <summary>The first column with a usual name of the role and a type that fits; null: there is none.</summary>
    public static string? FindByUsualName(IReadOnlyList<SchemaNode> columns, ColumnRole role) => ByUsualName(columns, role, column => LeafOf(column, role) is not null)?.Name;

    /// <summary>The leaf that holds the values of a named column; null: no such column, or its type does not fit.</summary>
    public static SchemaNode? Find(IReadOnlyList<SchemaNode> columns, string name, ColumnRole role) =>
        columns.FirstOrDefault(column => column.Name == name) is { } column ? LeafOf(column, role) : null;

    /// <summary>The columns with their types, for a message.</summary>
    public static string Describe(IReadOnlyList<SchemaNode> columns) => string.Join(", ", columns.Select(column => $"{column.Name} ({column.TypeName})"));

    private static SchemaNode? ByUsualName(IReadOnlyList<SchemaNode> columns, ColumnRole role, Func<SchemaNode, bool> wanted) =>
        (from usual in role.UsualNames
         from column in columns
         where column.Name.Equals(usual, StringComparison.OrdinalIgnoreCase) && wanted(column)
         select column).FirstOrDefault();

    private static SchemaNode? LeafOf(SchemaNode column, ColumnRole role)
    {
        // Hugging Face stores an image as {bytes, path}; the path names a file that is not part of the dataset.
        var leaf = column.Kind == ValueKind.Struct && role == ColumnRole.Image ? column.Children.FirstOrDefault(child => child.Name == "bytes") : column;
        return leaf is { Physical: not null, MaxRepetition: 0 } && role.Fits(leaf.Kind) ? leaf : null;
    }
}
