using System.Buffers.Binary;
using ClipDistributed.Data.Images;
using ImageMagick;

namespace ClipDistributed.RareImages;

/// <summary>JPEG 2000 by ImageMagick's OpenJPEG; libvips' package has none.</summary>
internal static class Jpeg2000Reader
{
    // ISO/IEC 15444-1, A.5.1: the marker SIZ with its length, capabilities and eight sizes comes before the number of components.
    private const int ComponentsAfter = 38;

    private static ReadOnlySpan<byte> Start => [0xFF, 0x4F, 0xFF, 0x51];

    /// <param name="isStream">A bare code stream, without the boxes around it.</param>
    public static RgbaImage Read(byte[] encoded, bool isStream, long maxPixels)
    {
        CheckComponents(encoded);
        // The format is named, so that no other of ImageMagick's many readers is tried.
        var settings = new MagickReadSettings { Format = isStream ? MagickFormat.J2k : MagickFormat.Jp2 };
        try
        {
            var header = new MagickImageInfo(encoded, settings);
            RareFormats.CheckSize(header.Width, header.Height, maxPixels);
            using var image = new MagickImage(encoded, settings);
            using var pixels = image.GetPixelsUnsafe();
            // It calls a fourth component of colours nothing in particular; it is their alpha, as Pillow has it.
            bool hasAlpha = image.HasAlpha || (image.ChannelCount == 4 && image.ColorSpace == ColorSpace.sRGB);
            byte[]? rgba = hasAlpha && !image.HasAlpha
                ? pixels.ToArray()
                : pixels.ToByteArray(0, 0, image.Width, image.Height, "RGBA");
            return rgba is null
                ? throw new DamagedImageException("is a corrupt JPEG 2000")
                : new RgbaImage((int)image.Width, (int)image.Height, hasAlpha, rgba);
        }
        catch (MagickException)
        {
            throw new DamagedImageException("is a corrupt JPEG 2000");
        }
    }

    /// <summary>Refuses what ImageMagick reads otherwise than it is: alpha in place of grey, and grey cut to eight bits.</summary>
    private static void CheckComponents(ReadOnlySpan<byte> encoded)
    {
        int start = encoded.IndexOf(Start);
        if (start < 0 || encoded.Length < start + 2 + ComponentsAfter + 3)
            return; // it is cut short, and said to be by the decoder
        var after = encoded[(start + 2 + ComponentsAfter)..];
        int components = BinaryPrimitives.ReadUInt16BigEndian(after), bits = (after[2] & 0x7F) + 1;
        if (components == 2)
            throw new DamagedImageException("is a JPEG 2000 of grey with alpha, which cannot be read; convert it to PNG");
        if (components == 1 && bits > 8)
            throw new DamagedImageException($"is a JPEG 2000 of {bits}-bit grey, which cannot be read; convert it to PNG");
    }
}
