using NetVips;

namespace ClipDistributed.Data.Images;

/// <summary>
/// PNGs of 16-bit grey, which Pillow opens as "I;16" and clips at 255 on the way to RGB. Skia hands out the high byte only, so
/// these rare files go through libvips.
/// </summary>
internal static class Grey16Decoder
{
    /// <param name="encoded">A PNG of 16-bit grey.</param>
    /// <param name="rgb">Width · height · 3 bytes at least.</param>
    /// <exception cref="DamagedImageException">Cut short or corrupt.</exception>
    public static void Decode(ReadOnlySpan<byte> encoded, int width, int height, byte[] rgb)
    {
        LibVips.SetUp();
        try
        {
            using var image = Image.PngloadBuffer(encoded.ToArray(), access: Enums.Access.Sequential, failOn: Enums.FailOn.Truncated);
            // A tRNS chunk adds a band of alpha.
            int bands = image.Bands;
            var samples = image.WriteToMemory<ushort>();
            for (int i = 0; i < width * height; i++)
                rgb.AsSpan(i * 3, 3).Fill((byte)Math.Min((int)samples[i * bands], 255));
        }
        catch (VipsException)
        {
            throw new DamagedImageException("is a corrupt PNG");
        }
    }
}
