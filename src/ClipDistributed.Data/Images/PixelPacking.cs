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

    /// <param name="pixels">4 bytes a pixel; the fourth is dropped.</param>
    /// <param name="red">A byte for each pixel, at least.</param>
    /// <param name="green">Likewise.</param>
    /// <param name="blue">Likewise.</param>
    public static void Split(ReadOnlySpan<byte> pixels, Span<byte> red, Span<byte> green, Span<byte> blue)
    {
        int count = pixels.Length / 4, i = 0;
        var reds = MemoryMarshal.Cast<byte, uint>(red[..count]);
        var greens = MemoryMarshal.Cast<byte, uint>(green[..count]);
        var blues = MemoryMarshal.Cast<byte, uint>(blue[..count]);
        ref byte from = ref MemoryMarshal.GetReference(pixels);
        var byChannel = Vector128.Create((byte)0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        for (; i + 4 <= count; i += 4)
        {
            var four = Vector128.Shuffle(Vector128.LoadUnsafe(ref from, (nuint)(i * 4)), byChannel).AsUInt32();
            (reds[i / 4], greens[i / 4], blues[i / 4]) = (four[0], four[1], four[2]);
        }
        for (; i < count; i++)
            (red[i], green[i], blue[i]) = (pixels[i * 4], pixels[i * 4 + 1], pixels[i * 4 + 2]);
    }
}
