namespace ClipDistributed.Data.Samples;

/// <summary>The columns that a <see cref="ParquetShardWriter"/> writes.</summary>
/// <param name="Image">Encoded images as plain bytes.</param>
/// <param name="Caption">UTF-8 text.</param>
/// <param name="Label">The class as a number from 0; null: the shards have no such column.</param>
public sealed record WrittenColumns(string Image = "image", string Caption = "caption", string? Label = null);
