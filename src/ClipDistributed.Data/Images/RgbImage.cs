namespace ClipDistributed.Data.Images;

/// <summary>A decoded image.</summary>
/// <param name="Width">Columns, at least 1.</param>
/// <param name="Height">Rows, at least 1.</param>
/// <param name="Pixels">
/// Width · Height · 3 bytes, or more where they are rented: rows from the top, pixels from the left, red, green, blue.
/// </param>
public sealed record RgbImage(int Width, int Height, byte[] Pixels);
