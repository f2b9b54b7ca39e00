namespace ClipDistributed.Data.Images;

/// <summary>
/// Skia reads every BMP as Pillow does but those of 16 bits, whose five or six bits it stretches to eight by another rule.
/// </summary>
internal static class BmpDecoder
{
    private const int HeaderSize = 14, Bits = 28, Compression = 30, GreenMask = 58;

    /// <summary>
    /// Stretches the samples of a BMP of 16 bits as Pillow does: value · 255 / largest, rounded down. Others stay as they are.
    /// </summary>
    /// <param name="encoded">Any image.</param>
    /// <param name="rgba">Its pixels from Skia.</param>
    public static void Correct(ReadOnlySpan<byte> encoded, Span<byte> rgba)
    {
        if (!encoded.StartsWith("BM"u8) || encoded.Length < GreenMask + 4
            || BitConverter.ToUInt32(encoded[HeaderSize..]) < 40 || encoded[Bits] != 16)
        {
            return;
        }
        bool sixGreen = BitConverter.ToUInt32(encoded[Compression..]) == 3 && BitConverter.ToUInt32(encoded[GreenMask..]) == 0x7E0;
        for (int i = 0; i + 3 < rgba.Length; i += 4)
        {
            rgba[i] = Five(rgba[i]);
            rgba[i + 1] = sixGreen ? (byte)((rgba[i + 1] >> 2) * 255 / 63) : Five(rgba[i + 1]);
            rgba[i + 2] = Five(rgba[i + 2]);
        }
    }

    private static byte Five(byte sample) => (byte)((sample >> 3) * 255 / 31);
}
