using SkiaSharp;

namespace ClipDistributed.Data.Images;

/// <summary>What an encoded image says of itself before its pixels.</summary>
/// <param name="Format">As <see cref="ImageFormats.NameOf"/> has it.</param>
/// <param name="Origin">The EXIF orientation.</param>
/// <param name="HasAlpha">Some pixels may be transparent.</param>
internal sealed record ImageHeader(int Width, int Height, string Format, SKEncodedOrigin Origin, bool HasAlpha);
