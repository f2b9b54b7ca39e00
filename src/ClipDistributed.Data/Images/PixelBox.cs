namespace ClipDistributed.Data.Images;

/// <summary>A rectangle of whole pixels; left and top count from 0.</summary>
public readonly record struct PixelBox(int Left, int Top, int Width, int Height);
