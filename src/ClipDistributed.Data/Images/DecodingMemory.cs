using System.Buffers.Binary;

namespace ClipDistributed.Data.Images;

/// <summary>
/// What decoding takes in this process: the pixels that are handed out and what libraries hold beside them. Large images are decoded one
/// after the other, or a few rows of a small file would fill the machine.
/// </summary>
internal static class DecodingMemory
{
    private const long Limit = 1L << 30, LargeImage = 1L << 24;
    private const int Rgb = 3, Rgba = 4;
    private const int PngDepth = 24, PngColourType = 25, PngInterlace = 28;

    private static readonly SemaphoreSlim Large = new(1);

    /// <param name="encoded">An image whose header was found sound.</param>
    /// <exception cref="DamagedImageException">It takes more than the limit.</exception>
    public static void Check(ReadOnlySpan<byte> encoded, long pixels)
    {
        long needed = pixels * (Rgb + Rgba + Held(encoded));
        if (needed > Limit)
            throw new DamagedImageException(
                $"has {pixels:N0} pixels, which take {needed >> 20:N0} MiB to decode in its form; the limit is {Limit >> 20:N0} MiB"
            );
    }

    /// <summary>Waits while another large image is decoded; dispose it afterwards.</summary>
    public static Turn Take(long pixels)
    {
        if (pixels < LargeImage)
            return default;
        Large.Wait();
        return new Turn(Large);
    }

    /// <summary>Bytes a pixel of what the library holds of the whole image.</summary>
    private static long Held(ReadOnlySpan<byte> encoded) => ImageFormats.Of(encoded) switch
    {
        ImageFormat.WebP => 4,
        ImageFormat.Png when encoded.Length > PngInterlace && encoded[PngInterlace] != 0 =>
            encoded[PngDepth] / 8 * (encoded[PngColourType] switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 }),
        ImageFormat.Jpeg => Coefficients(encoded),
        _ => 0,
    };

    /// <summary>Of a progressive JPEG every coefficient is held, in two bytes, until the last scan.</summary>
    private static long Coefficients(ReadOnlySpan<byte> jpeg)
    {
        for (int at = 2; at + 10 < jpeg.Length && jpeg[at] == 0xFF;)
        {
            if (jpeg[at + 1] == 0xFF)
            {
                at++; // a filling byte
                continue;
            }
            if (jpeg[at + 1] is 0xC2 or 0xC6 or 0xCA or 0xCE)
                return 2 * Samples(jpeg[(at + 9)..]);
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 2)..]);
        }
        return 0;
    }

    /// <summary>Samples a pixel, rounded up: 2 for colours at half the resolution, 3 at the whole.</summary>
    private static long Samples(ReadOnlySpan<byte> frame)
    {
        int largest = 1, sum = 0;
        for (int i = 0; i < frame[0] && 2 + 3 * i < frame.Length; i++)
        {
            int samples = (frame[2 + 3 * i] >> 4) * (frame[2 + 3 * i] & 15);
            (largest, sum) = (Math.Max(largest, samples), sum + samples);
        }
        return (sum + largest - 1) / largest;
    }

    /// <summary>A place among the large images; none where the image is small.</summary>
    internal readonly struct Turn(SemaphoreSlim? held) : IDisposable
    {
        public void Dispose() => held?.Release();
    }
}
