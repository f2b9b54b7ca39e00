using ClipDistributed.Data.Images;
using NetVips;

namespace ClipDistributed.RareImages;

/// <summary>AVIF by libvips: its first image.</summary>
internal static class AvifReader
{
    public static RgbaImage Read(byte[] encoded, long maxPixels) => VipsPixels.Guarded("AVIF", () =>
    {
        using var image = Image.HeifloadBuffer(encoded, failOn: Enums.FailOn.Truncated);
        RareFormats.CheckSize(image.Width, image.Height, maxPixels);
        return VipsPixels.Of(image, "AVIF");
    });
}
