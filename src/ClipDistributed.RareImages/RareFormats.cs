using ClipDistributed.Data.Images;

namespace ClipDistributed.RareImages;

/// <summary>Chooses the library by the first bytes.</summary>
internal static class RareFormats
{
    /// <param name="encoded">A whole TIFF, AVIF or JPEG 2000.</param>
    /// <exception cref="DamagedImageException">Corrupt, of another format, or with more pixels than allowed.</exception>
    public static RgbaImage Decode(byte[] encoded, long maxPixels) => encoded switch
    {
        { Length: < 16 } => throw new DamagedImageException("is cut short"),
        [(byte)'I', (byte)'I', ..] or [(byte)'M', (byte)'M', ..] => TiffReader.Read(encoded, maxPixels),
        [0xFF, 0x4F, ..] => Jpeg2000Reader.Read(encoded, isStream: true, maxPixels),
        [_, _, _, _, (byte)'j', ..] => Jpeg2000Reader.Read(encoded, isStream: false, maxPixels),
        _ => AvifReader.Read(encoded, maxPixels),
    };

    /// <exception cref="DamagedImageException">The image has more pixels than the limit.</exception>
    public static void CheckSize(long width, long height, long maxPixels)
    {
        if (width * height > maxPixels)
            throw new DamagedImageException($"has {width}x{height} pixels, the limit is {maxPixels} in all");
    }
}
