using Parquet.Schema;

namespace ClipDistributed.Data.Shards;

/// <summary>What a column of a shard is used for.</summary>
internal sealed record ColumnRole(string Name, string SpecKey, string Accepts, IReadOnlyList<string> UsualNames, Func<DataField, bool> Fits)
{
    public static readonly ColumnRole Image = new(
        "image", "image_column", "bytes, or a struct {bytes, path}",
        ["image", "jpg", "jpeg", "png", "webp", "img", "image_bytes", "image_data", "picture", "photo", "bytes"],
        field => field.ClrType == typeof(ReadOnlyMemory<byte>));

    public static readonly ColumnRole Caption = new(
        "caption", "caption_column", "text",
        ["caption", "text", "txt", "captions", "alt_text", "alt", "title", "description", "prompt", "sentence"],
        field => field.ClrType == typeof(ReadOnlyMemory<char>) || field.ClrType == typeof(ReadOnlyMemory<byte>));

    public static readonly ColumnRole Label = new(
        "label", "label_column", "a whole number or text",
        ["label", "cls", "class", "labels", "class_id", "category"],
        field => field.ClrType == typeof(ReadOnlyMemory<char>) || field.ClrType == typeof(ReadOnlyMemory<byte>) || IsWholeNumber(field.ClrType));

    private static bool IsWholeNumber(Type type) => Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.UInt64;
}

/// <summary>Finds the columns that hold images, captions and labels in a shard's schema.</summary>
internal static class ShardColumn
{
    /// <summary>The first column with a usual name of the role and a type that fits; null: there is none.</summary>
    public static string? FindByUsualName(ParquetSchema schema, ColumnRole role) =>
        (from usual in role.UsualNames
         from field in schema.Fields
         where field.Name.Equals(usual, StringComparison.OrdinalIgnoreCase) && LeafOf(field, role) is not null
         select field.Name).FirstOrDefault();

    /// <summary>The field that holds the values of a named column; null: no such column, or its type does not fit.</summary>
    public static DataField? Find(ParquetSchema schema, string column, ColumnRole role) =>
        schema.Fields.FirstOrDefault(field => field.Name == column) is { } field ? LeafOf(field, role) : null;

    /// <summary>The columns with their types, for a message.</summary>
    public static string Describe(ParquetSchema schema) => string.Join(", ", schema.Fields.Select(field => $"{field.Name} ({TypeOf(field)})"));

    private static DataField? LeafOf(Field field, ColumnRole role)
    {
        // Hugging Face stores an image as {bytes, path}; the path names a file that is not part of the dataset.
        var leaf = field is StructField nested && role == ColumnRole.Image
            ? nested.Fields.FirstOrDefault(child => child.Name == "bytes") as DataField
            : field as DataField;
        return leaf is { MaxRepetitionLevel: 0 } && role.Fits(leaf) ? leaf : null;
    }

    private static string TypeOf(Field field) => field switch
    {
        StructField nested => "{" + string.Join(", ", nested.Fields.Select(child => child.Name)) + "}",
        DataField { MaxRepetitionLevel: > 0 } or ListField => "list",
        DataField data when data.ClrType == typeof(ReadOnlyMemory<byte>) => "bytes",
        DataField data when data.ClrType == typeof(ReadOnlyMemory<char>) => "text",
        DataField data => data.ClrType.Name,
        _ => field.SchemaType.ToString(),
    };
}
