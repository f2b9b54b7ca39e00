using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ClipDistributed.Data.Images;

/// <summary>Changes the layout of pixels, never their values.</summary>
internal static class PixelPacking
{
    /// <param name="rgba">4 bytes a pixel.</param>
    /// <param name="rgb">3 bytes a pixel, for as many pixels.</param>
    public static void DropAlpha(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        ref byte from = ref MemoryMarshal.GetReference(rgba);
        ref byte to = ref MemoryMarshal.GetReference(rgb);
        int pixel = 0, pixels = rgba.Length / 4;
        var colours = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255);
        // Four pixels at a time; the four bytes stored behind them are overwritten by the next ones, so the last six go singly.
        for (; pixel + 6 <= pixels; pixel += 4)
            Vector128.Shuffle(Vector128.LoadUnsafe(ref from, (nuint)(pixel * 4)), colours).StoreUnsafe(ref to, (nuint)(pixel * 3));
        for (; pixel < pixels; pixel++)
            rgba.Slice(pixel * 4, 3).CopyTo(rgb[(pixel * 3)..]);
    }
}
