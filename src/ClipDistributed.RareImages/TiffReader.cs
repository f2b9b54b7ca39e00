using ClipDistributed.Data.Images;
using NetVips;

namespace ClipDistributed.RareImages;

/// <summary>TIFF by libvips: its first page, turned as its orientation says, which Pillow does for TIFF alone.</summary>
internal static class TiffReader
{
    public static RgbaImage Read(byte[] encoded, long maxPixels) => VipsPixels.Guarded("TIFF", () =>
    {
        EndAfterFirstPage(encoded);
        using var stored = Image.TiffloadBuffer(encoded, failOn: Enums.FailOn.Truncated);
        RareFormats.CheckSize(stored.Width, stored.Height, maxPixels);
        using var upright = stored.Autorot();
        return VipsPixels.Of(upright, "TIFF");
    });

    /// <summary>libtiff compares each directory with all before it: a million of them would take minutes.</summary>
    private static void EndAfterFirstPage(Span<byte> tiff)
    {
        bool isLittle = tiff[0] == 'I', isBig = tiff[isLittle ? 2 : 3] == 43;
        ulong first = isBig ? Number(tiff, 8, 8, isLittle) : Number(tiff, 4, 4, isLittle);
        ulong entries = isBig ? Number(tiff, first, 8, isLittle) : Number(tiff, first, 2, isLittle);
        ulong length = (ulong)tiff.Length, next = isBig ? 8 + first + 20 * entries : 2 + first + 12 * entries;
        if (first < length && entries < length && next < length)
            tiff[(int)next..(int)Math.Min(next + (isBig ? 8u : 4u), length)].Clear();
    }

    /// <summary>0 where there is none.</summary>
    private static ulong Number(ReadOnlySpan<byte> tiff, ulong at, int bytes, bool isLittle)
    {
        ulong value = 0;
        if (at > (ulong)tiff.Length || (ulong)bytes > (ulong)tiff.Length - at)
            return 0;
        foreach (byte part in tiff.Slice((int)at, bytes))
            value = isLittle ? value >> 8 | (ulong)part << 8 * (bytes - 1) : value << 8 | part;
        return value;
    }
}
