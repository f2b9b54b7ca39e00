namespace ClipDistributed.Data.Packing;

/// <summary>What became of an item.</summary>
/// <param name="Image">The bytes to store; null: it is left out.</param>
/// <param name="Caption">Its text.</param>
/// <param name="Problem">Why it is left out.</param>
/// <param name="IsFile">The bytes are those of the item's file.</param>
/// <param name="IsTransparent">Pixels of the file show what lies below them.</param>
internal readonly record struct PackedRow(byte[]? Image, string? Caption, string? Problem, bool IsFile, bool IsTransparent);
