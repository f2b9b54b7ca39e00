using ClipDistributed.Data.ParquetFiles;

namespace ClipDistributed.Data.Shards;

/// <summary>What a column of a shard is used for.</summary>
internal sealed record ColumnRole(string Name, string SpecKey, string Accepts, IReadOnlyList<string> UsualNames, Func<ValueKind, bool> Fits)
{
    public static readonly ColumnRole Image = new(
        "image", "image_column", "bytes, or a struct {bytes, path}",
        ["image", "jpg", "jpeg", "png", "webp", "img", "image_bytes", "image_data", "picture", "photo", "bytes"],
        kind => kind == ValueKind.Bytes);

    public static readonly ColumnRole Caption = new(
        "caption", "caption_column", "text",
        ["caption", "text", "txt", "captions", "alt_text", "alt", "title", "description", "prompt", "sentence"],
        kind => kind is ValueKind.Text or ValueKind.Bytes);

    public static readonly ColumnRole Label = new(
        "label", "label_column", "a whole number or text",
        ["label", "cls", "class", "labels", "class_id", "category"],
        kind => kind is ValueKind.Text or ValueKind.Bytes || IsNumber(kind));

    /// <summary>Whole numbers are also stored in columns of other numbers.</summary>
    public static bool IsNumber(ValueKind kind) => kind is >= ValueKind.Int8 and <= ValueKind.UInt64 or ValueKind.Float or ValueKind.Double or ValueKind.Decimal;
}
