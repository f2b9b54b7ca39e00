using System.Buffers.Binary;

namespace ClipDistributed.Data.Images;

/// <summary>The mode in which Pillow opens an image, as far as it decides how the image is resized.</summary>
internal enum NativeMode
{
    /// <summary>RGB or grey: each channel by itself.</summary>
    Colour,

    /// <summary>A palette, or black and white in one bit: by nearest neighbour.</summary>
    Indexed,

    /// <summary>With alpha: premultiplied.</summary>
    Alpha,

    /// <summary>Four inks.</summary>
    Cmyk,
}

/// <summary>
/// Reads the mode from an image's header (PngImagePlugin, GifImagePlugin, JpegImagePlugin, WebPImagePlugin of Pillow 11).
/// </summary>
internal static class NativeModes
{
    private const int PngDepth = 24, PngColourType = 25;

    /// <param name="encoded">An image whose header was found sound.</param>
    public static NativeMode Of(ReadOnlySpan<byte> encoded, ImageHeader header) => header.Format switch
    {
        "PNG" => (encoded[PngDepth], encoded[PngColourType]) switch
        {
            (1, 0) or (_, 3) => NativeMode.Indexed,
            (_, 4 or 6) => NativeMode.Alpha,
            _ => NativeMode.Colour, // a transparent colour beside it (tRNS) is not an alpha channel
        },
        "GIF" => IsGreyRamp(encoded) ? NativeMode.Colour : NativeMode.Indexed,
        "WebP" => header.HasAlpha ? NativeMode.Alpha : NativeMode.Colour,
        _ => JpegComponents(encoded) == 4 ? NativeMode.Cmyk : NativeMode.Colour,
    };

    // Pillow opens a GIF as grey where its global palette maps every number to itself.
    private static bool IsGreyRamp(ReadOnlySpan<byte> gif)
    {
        const int flags = 10, palette = 13;
        if (gif.Length <= palette || (gif[flags] & 0x80) == 0)
            return false;
        int colours = 2 << (gif[flags] & 7);
        for (int i = 0; i < colours * 3 && palette + i < gif.Length; i++)
        {
            if (gif[palette + i] != i / 3)
                return false;
        }
        return true;
    }

    /// <summary>Of the frame header; 0 where there is none.</summary>
    private static int JpegComponents(ReadOnlySpan<byte> jpeg)
    {
        for (int at = 2; at + 9 < jpeg.Length && jpeg[at] == 0xFF;)
        {
            byte marker = jpeg[at + 1];
            if (marker == 0xFF)
            {
                at++; // a filling byte
                continue;
            }
            bool isFrame = marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
            if (isFrame)
                return jpeg[at + 9];
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 2)..]);
        }
        return 0;
    }
}
