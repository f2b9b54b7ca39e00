using System.Globalization;
using ClipDistributed.Data.Images;

namespace ClipDistributed.Data.Packing.Pictures;

/// <summary>A colour that transparent pixels are laid upon.</summary>
internal readonly record struct Background(byte Red, byte Green, byte Blue)
{
    /// <param name="text"><c>white</c>, <c>black</c> or <c>#rrggbb</c>.</param>
    /// <returns>Null where it is none of them.</returns>
    public static Background? TryParse(string text) =>
        text switch
        {
            "white" => new(255, 255, 255),
            "black" => new(0, 0, 0),
            ['#', .. { Length: 6 } digits]
                when int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int rgb) => new(
                (byte)(rgb >> 16),
                (byte)(rgb >> 8),
                (byte)rgb
            ),
            _ => null,
        };

    /// <param name="rgba">width · height · 4 bytes, not premultiplied.</param>
    /// <returns>colour · α + background · (1 − α), α = alpha / 255, rounded to the nearest.</returns>
    public RgbImage Below(int width, int height, ReadOnlySpan<byte> rgba)
    {
        byte[] rgb = new byte[width * height * 3];
        for (int i = 0; i < width * height; i++)
        {
            int alpha = rgba[i * 4 + 3];
            rgb[i * 3] = Mix(rgba[i * 4], Red, alpha);
            rgb[i * 3 + 1] = Mix(rgba[i * 4 + 1], Green, alpha);
            rgb[i * 3 + 2] = Mix(rgba[i * 4 + 2], Blue, alpha);
        }
        return new RgbImage(width, height, rgb);
    }

    private static byte Mix(int colour, int below, int alpha) => (byte)((colour * alpha + below * (255 - alpha) + 127) / 255);
}
