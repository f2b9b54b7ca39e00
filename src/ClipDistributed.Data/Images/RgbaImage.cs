namespace ClipDistributed.Data.Images;

/// <summary>A decoded image with its alpha, not premultiplied.</summary>
/// <param name="HasAlpha">False: every alpha is 255.</param>
/// <param name="Pixels">Width · Height · 4 bytes.</param>
public sealed record RgbaImage(int Width, int Height, bool HasAlpha, byte[] Pixels);
