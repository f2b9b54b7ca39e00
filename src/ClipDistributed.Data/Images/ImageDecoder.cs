using System.Buffers;
using SkiaSharp;

namespace ClipDistributed.Data.Images;

/// <summary>
/// Decodes JPEG, PNG, WebP and the first frame of a GIF to the pixels of Pillow's <c>Image.open(…).convert("RGB")</c>: grey is
/// replicated, palettes are expanded, alpha is dropped without compositing, 16 bits keep the high byte (grey: is clipped at 255),
/// CMYK is inverted as Adobe does and multiplied by black. Colour profiles, gamma and the EXIF orientation change nothing.
/// </summary>
/// <remarks>
/// Skia's codecs hand out what libjpeg-turbo, libpng and libwebp produce, bit for bit; libvips does so too, but its objects cost
/// 300 µs an image, which is 3 to 8 times the decoding of 64 px. Most JPEGs take a faster way to the same pixels
/// (<see cref="JpegShim"/>). Safe on many threads at once; a call stays on its thread.
/// </remarks>
public static class ImageDecoder
{
    /// <summary>What one array of pixels can hold: the limit above every given one.</summary>
    public const long MostPixels = 1 << 28;

    /// <summary>Bytes of an image's file.</summary>
    public const long LargestFile = 1 << 29;

    private static ReadOnlySpan<byte> JpegSignature => [0xFF, 0xD8, 0xFF];
    private static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <param name="encoded">A whole file.</param>
    /// <param name="maxPixels">Width · height at most; checked in the header, before memory for pixels is taken.</param>
    /// <exception cref="DamagedImageException">Empty, cut short, corrupt, of another format, or with too many pixels.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> encoded, long maxPixels) =>
        Decode(encoded, maxPixels, count => GC.AllocateUninitializedArray<byte>(count));

    /// <summary>The same, into an array of the shared pool, which may be longer than the pixels: decode, use, <see cref="GiveBack"/>.</summary>
    /// <inheritdoc cref="Decode(ReadOnlySpan{byte}, long)"/>
    public static RgbImage Rent(ReadOnlySpan<byte> encoded, long maxPixels) => Decode(encoded, maxPixels, ArrayPool<byte>.Shared.Rent);

    /// <param name="image">From <see cref="Rent"/>; not used any more.</param>
    public static void GiveBack(RgbImage image) => ArrayPool<byte>.Shared.Return(image.Pixels);

    /// <param name="vectorized">False: Skia alone. The pixels are equal.</param>
    internal static RgbImage Decode(ReadOnlySpan<byte> encoded, long maxPixels, Func<int, byte[]> allocate, bool vectorized = true)
    {
        if (vectorized && JpegShim.IsThere && encoded.StartsWith(JpegSignature) && TryShim(encoded, maxPixels, allocate) is { } image)
            return image;
        return Open(encoded, maxPixels, Read);

        RgbImage Read(SKCodec codec, ReadOnlySpan<byte> encoded, int width, int height, string format)
        {
            byte[] rgb = allocate(width * height * 3);
            if (IsGrey16(encoded))
            {
                Grey16Decoder.Decode(encoded, width, height, rgb);
                return new RgbImage(width, height, rgb);
            }
            byte[] rgba = ReadInto(codec, new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul), format);
            PixelPacking.DropAlpha(rgba.AsSpan(0, width * height * 4), rgb);
            ArrayPool<byte>.Shared.Return(rgba);
            return new RgbImage(width, height, rgb);
        }
    }

    /// <summary>Null: Skia decides what this is, and what is wrong with it.</summary>
    private static RgbImage? TryShim(ReadOnlySpan<byte> encoded, long maxPixels, Func<int, byte[]> allocate)
    {
        if (JpegShim.Header(encoded) is not var (width, height) || (long)width * height > Math.Min(maxPixels, MostPixels))
            return null;
        byte[] rgb = allocate(width * height * 3);
        return JpegShim.TryDecode(encoded, rgb) ? new RgbImage(width, height, rgb) : null;
    }

    /// <summary>The same with alpha, not premultiplied: 255 where there is none.</summary>
    /// <returns>The size and width · height · 4 bytes.</returns>
    /// <inheritdoc cref="Decode"/>
    internal static (int Width, int Height, byte[] Rgba) DecodeWithAlpha(ReadOnlySpan<byte> encoded, long maxPixels)
    {
        return Open(encoded, maxPixels, Read);

        static (int, int, byte[]) Read(SKCodec codec, ReadOnlySpan<byte> encoded, int width, int height, string format)
        {
            byte[] rented = ReadInto(codec, new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul), format);
            byte[] rgba = rented[..(width * height * 4)];
            ArrayPool<byte>.Shared.Return(rented);
            return (width, height, rgba);
        }
    }

    /// <summary>What the header says, when the size is within the limit; no pixel is decoded.</summary>
    internal static ImageHeader Header(ReadOnlySpan<byte> encoded, long maxPixels)
    {
        return Open(encoded, maxPixels, static (codec, encoded, width, height, format) =>
            new ImageHeader(width, height, format, codec.EncodedOrigin, codec.Info.AlphaType != SKAlphaType.Opaque));
    }

    private delegate T Reading<T>(SKCodec codec, ReadOnlySpan<byte> encoded, int width, int height, string format);

    private static unsafe T Open<T>(ReadOnlySpan<byte> encoded, long maxPixels, Reading<T> read)
    {
        if (encoded.IsEmpty)
            throw new DamagedImageException("has no bytes");
        string format = FormatOf(encoded) ?? throw new DamagedImageException("is not a JPEG, PNG, WebP or GIF");
        fixed (byte* start = encoded)
        {
            using var data = SKData.Create((nint)start, encoded.Length);
            using var codec = SKCodec.Create(data) ?? throw new DamagedImageException($"has a broken {format} header");
            int width = codec.Info.Width, height = codec.Info.Height;
            if ((long)width * height > Math.Min(maxPixels, MostPixels))
                throw new DamagedImageException($"has {width}x{height} pixels, the limit is {Math.Min(maxPixels, MostPixels)} in all");
            return read(codec, encoded, width, height, format);
        }
    }

    /// <summary>The pixels at the start of a rented array.</summary>
    private static unsafe byte[] ReadInto(SKCodec codec, SKImageInfo info, string format)
    {
        byte[] pixels = ArrayPool<byte>.Shared.Rent(info.BytesSize);
        SKCodecResult result;
        fixed (byte* start = pixels)
            result = codec.GetPixels(info, (nint)start);
        if (result == SKCodecResult.Success)
            return pixels;
        ArrayPool<byte>.Shared.Return(pixels);
        throw result switch
        {
            SKCodecResult.IncompleteInput => new DamagedImageException($"is a {format} cut short"),
            SKCodecResult.ErrorInInput or SKCodecResult.InvalidInput or SKCodecResult.Unimplemented or SKCodecResult.InternalError =>
                new DamagedImageException($"is a corrupt {format}"),
            _ => new InvalidOperationException($"Skia refused to decode a {format} to {info.ColorType}: {result}"),
        };
    }

    private static string? FormatOf(ReadOnlySpan<byte> encoded) => encoded switch
    {
        _ when encoded.StartsWith(JpegSignature) => "JPEG",
        _ when encoded.StartsWith(PngSignature) => "PNG",
        _ when encoded.StartsWith("GIF8"u8) => "GIF",
        _ when encoded.Length >= 12 && encoded.StartsWith("RIFF"u8) && encoded[8..].StartsWith("WEBP"u8) => "WebP",
        _ => null,
    };

    // The header chunk is the first: bit depth at byte 24, colour type (0 is grey) at byte 25.
    private static bool IsGrey16(ReadOnlySpan<byte> encoded) =>
        encoded.Length > 25 && encoded.StartsWith(PngSignature) && encoded[24] == 16 && encoded[25] == 0;
}
