using ClipDistributed.Data.Images;
using ImageMagick;

namespace ClipDistributed.RareImages;

/// <summary>JPEG 2000 by ImageMagick's OpenJPEG; libvips' package has none.</summary>
internal static class Jpeg2000Reader
{
    /// <param name="isStream">A bare code stream, without the boxes around it.</param>
    public static RgbaImage Read(byte[] encoded, bool isStream, long maxPixels)
    {
        // The format is named, so that no other of ImageMagick's many readers is tried.
        var settings = new MagickReadSettings { Format = isStream ? MagickFormat.J2k : MagickFormat.Jp2 };
        try
        {
            var header = new MagickImageInfo(encoded, settings);
            RareFormats.CheckSize(header.Width, header.Height, maxPixels);
            using var image = new MagickImage(encoded, settings);
            using var pixels = image.GetPixelsUnsafe();
            byte[] rgba = pixels.ToByteArray(0, 0, image.Width, image.Height, "RGBA")
                ?? throw new DamagedImageException("is a corrupt JPEG 2000");
            return new RgbaImage((int)image.Width, (int)image.Height, image.HasAlpha, rgba);
        }
        catch (MagickException)
        {
            throw new DamagedImageException("is a corrupt JPEG 2000");
        }
    }
}
