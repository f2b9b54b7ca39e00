namespace ClipDistributed.Data.Packing.Lists;

/// <summary>A list of images and captions, and how it is read.</summary>
/// <param name="File">CSV, TSV, JSONL or JSON.</param>
/// <param name="ImageColumn">Its name, or its number from 1; null: found by its usual names.</param>
/// <param name="CaptionColumn">Its name, or its number from 1; null: found by its usual names.</param>
/// <param name="Separator">Between values; null: found from the first line.</param>
internal sealed record ListOptions(string File, string? ImageColumn, string? CaptionColumn, char? Separator);
