using ClipDistributed.Data.Images;
using NetVips;

namespace ClipDistributed.RareImages;

/// <summary>TIFF by libvips: its first page, turned as its orientation says, which Pillow does for TIFF alone.</summary>
internal static class TiffReader
{
    public static RgbaImage Read(byte[] encoded, long maxPixels) => VipsPixels.Guarded("TIFF", () =>
    {
        using var stored = Image.TiffloadBuffer(encoded, failOn: Enums.FailOn.Truncated);
        RareFormats.CheckSize(stored.Width, stored.Height, maxPixels);
        using var upright = stored.Autorot();
        return VipsPixels.Of(upright, "TIFF");
    });
}
