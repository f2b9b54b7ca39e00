using System.Runtime.InteropServices;
using SkiaSharp;

namespace ClipDistributed.Data.Images;

/// <summary>Small pictures for people to look at.</summary>
public static class Thumbnail
{
    /// <summary>A square PNG: the shortest side scaled to <paramref name="size"/>, the centre cut out.</summary>
    public static byte[] Png(RgbImage image, int size)
    {
        byte[] planes = new byte[3 * size * size];
        new EvaluationTransform(size).Apply(image, planes);
        uint[] pixels = new uint[size * size]; // 0xAABBGGRR
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = 0xff000000u | (uint)planes[2 * pixels.Length + i] << 16 | (uint)planes[pixels.Length + i] << 8 | planes[i];
        using var bitmap = SKImage.FromPixelCopy(
            new SKImageInfo(size, size, SKColorType.Rgba8888, SKAlphaType.Opaque), MemoryMarshal.AsBytes<uint>(pixels));
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }
}
