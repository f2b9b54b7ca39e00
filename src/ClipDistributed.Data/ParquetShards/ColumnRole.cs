using ClipDistributed.Data.ParquetFiles;

namespace ClipDistributed.Data.ParquetShards;

/// <summary>What a column of a shard is used for.</summary>
/// <param name="Fits">Types that are taken by themselves.</param>
/// <param name="FitsIfWanted">
/// Types that are taken as well where the column is wanted: manifests of training data keep their digests.
/// </param>
/// <param name="Advice">What to do about a type that does not fit; null: nothing beyond another column.</param>
internal sealed record ColumnRole(
    string Name, string SpecKey, string Accepts, IReadOnlyList<string> UsualNames, Func<ValueKind, bool> Fits,
    Func<ValueKind, bool> FitsIfWanted, Func<ValueKind, string?> Advice)
{
    public static readonly ColumnRole Image = new(
        "image", "image_column", "bytes, or a struct {bytes, path}",
        ["image", "jpg", "jpeg", "png", "webp", "img", "image_bytes", "image_data", "picture", "photo", "bytes"],
        kind => kind == ValueKind.Bytes,
        _ => false,
        kind => kind == ValueKind.Text ? "Store the encoded images as bytes, neither as base64 text nor as paths." : null);

    public static readonly ColumnRole Caption = new(
        "caption", "caption_column", "text",
        ["caption", "text", "txt", "captions", "alt_text", "alt", "title", "description", "prompt", "sentence"],
        kind => kind is ValueKind.Text or ValueKind.Bytes,
        _ => false,
        kind => kind == ValueKind.List ? "Write a row for each caption, with the same image." : "Convert it to text.");

    public static readonly ColumnRole Label = new(
        "label", "label_column", "whole numbers or text",
        ["label", "cls", "class", "labels", "class_id", "category"],
        kind => kind is ValueKind.Text or ValueKind.Bytes or (>= ValueKind.Int8 and <= ValueKind.UInt64),
        kind => kind is ValueKind.Float or ValueKind.Double or ValueKind.Decimal,
        kind => kind == ValueKind.List ? "Write one class a row." : "Convert it to whole numbers or class names.");

    public static bool IsNumber(ValueKind kind) =>
        kind is >= ValueKind.Int8 and <= ValueKind.UInt64 or ValueKind.Float or ValueKind.Double or ValueKind.Decimal;
}
