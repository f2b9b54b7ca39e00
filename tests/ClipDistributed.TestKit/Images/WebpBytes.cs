using System.Buffers.Binary;
using SkiaSharp;

namespace ClipDistributed.TestKit.Images;

/// <summary>Puts an animated WebP together from still ones (RIFF container: VP8X, ANIM, ANMF).</summary>
public static class WebpBytes
{
    private const int Side = 16;

    /// <param name="colours">One frame of one colour each.</param>
    public static byte[] Animated(params (byte Red, byte Green, byte Blue)[] colours)
    {
        var body = new List<byte>();
        body.AddRange("WEBP"u8);
        Append(body, "VP8X"u8, [2, 0, 0, 0, Side - 1, 0, 0, Side - 1, 0, 0]);
        Append(body, "ANIM"u8, [0, 0, 0, 0, 0, 0]);
        foreach (var (red, green, blue) in colours)
            Append(body, "ANMF"u8, [0, 0, 0, 0, 0, 0, Side - 1, 0, 0, Side - 1, 0, 0, 100, 0, 0, 0, .. Still(red, green, blue)[12..]]);
        var file = new List<byte>();
        Append(file, "RIFF"u8, [.. body]);
        return [.. file];
    }

    private static byte[] Still(byte red, byte green, byte blue)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(Side, Side, SKColorType.Rgba8888, SKAlphaType.Opaque));
        bitmap.Erase(new SKColor(red, green, blue));
        using var pixmap = bitmap.PeekPixels()!;
        using var encoded = pixmap.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 100))!;
        return encoded.ToArray();
    }

    private static void Append(List<byte> file, ReadOnlySpan<byte> type, byte[] data)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, data.Length);
        file.AddRange(type);
        file.AddRange(length);
        file.AddRange(data);
        if (data.Length % 2 == 1)
            file.Add(0);
    }
}
