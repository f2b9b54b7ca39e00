using SkiaSharp;

namespace ClipDistributed.Data.Images;

/// <summary>
/// Decodes JPEG, PNG, WebP, BMP, TIFF, AVIF, JPEG 2000 and the first frame of a GIF to the pixels of Pillow's
/// <c>Image.open(…).convert("RGB")</c>: grey is replicated, palettes are expanded, alpha is dropped without compositing, 16 bits keep
/// the high byte (grey: is clipped at 255), CMYK is inverted as Adobe does and multiplied by black. Colour profiles, gamma and the EXIF
/// orientation (but a TIFF's own) change nothing.
/// </summary>
/// <remarks>
/// Skia's codecs hand out what libjpeg-turbo, libpng and libwebp produce, bit for bit; libvips does so too, but its objects cost
/// 300 µs an image, which is 3 to 8 times the decoding of 64 px. Most JPEGs take a faster way to the same pixels
/// (<see cref="JpegShim"/>). TIFF, AVIF and JPEG 2000 are decoded in processes of their own (<see cref="DecoderProcesses"/>). Safe on many
/// threads at once; a call stays on its thread.
/// </remarks>
public static class ImageDecoder
{
    /// <summary>What one array of pixels can hold: the limit above every given one.</summary>
    public const long MaxPixels = 1 << 28;

    /// <summary>Bytes of an image's file.</summary>
    public const long MaxFile = 1 << 29;

    /// <param name="encoded">A whole file.</param>
    /// <param name="maxPixels">Width · height at most; checked in the header, before memory for pixels is taken.</param>
    /// <exception cref="DamagedImageException">Empty, cut short, corrupt, of another format, or with too many pixels.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> encoded, long maxPixels) =>
        Decode(encoded, maxPixels, count => GC.AllocateUninitializedArray<byte>(count));

    /// <summary>
    /// The same, into an array of the shared pool, which may be longer than the pixels: decode, use, <see cref="GiveBack"/>.
    /// </summary>
    /// <inheritdoc cref="Decode(ReadOnlySpan{byte}, long)"/>
    public static RgbImage Rent(ReadOnlySpan<byte> encoded, long maxPixels) => Decode(encoded, maxPixels, PixelBuffers.Rent);

    /// <param name="image">From <see cref="Rent"/>; not used any more.</param>
    public static void GiveBack(RgbImage image) => PixelBuffers.Return(image.Pixels);

    /// <param name="vectorized">False: Skia alone. The pixels are equal.</param>
    internal static RgbImage Decode(ReadOnlySpan<byte> encoded, long maxPixels, Func<int, byte[]> allocate, bool vectorized = true)
    {
        switch (ImageFormats.Of(encoded))
        {
            case ImageFormat.Jpeg when vectorized && JpegShim.IsThere && TryShim(encoded, maxPixels, allocate) is { } image:
                return image;
            case ImageFormat.Gif:
                var gif = OpenGif(encoded, maxPixels);
                byte[] pixels = allocate(gif.Width * gif.Height * 3);
                gif.Decode(encoded, pixels.AsSpan(0, gif.Width * gif.Height * 3), channels: 3);
                return new RgbImage(gif.Width, gif.Height, pixels);
            case ImageFormat.Tiff or ImageFormat.Avif or ImageFormat.Jpeg2000:
                var rare = DecodeElsewhere(encoded, maxPixels);
                byte[] opaque = allocate(rare.Width * rare.Height * 3);
                PixelPacking.DropAlpha(rare.Pixels, opaque);
                return new RgbImage(rare.Width, rare.Height, opaque);
            default:
                return Open(encoded, maxPixels, Read);
        }

        RgbImage Read(SKCodec codec, ReadOnlySpan<byte> encoded, int width, int height, string format)
        {
            byte[] rgb = allocate(width * height * 3);
            if (IsGrey16(encoded))
            {
                Grey16Decoder.Decode(encoded, width, height, rgb);
                return new RgbImage(width, height, rgb);
            }
            byte[] rgba = ReadInto(codec, new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul), format);
            BmpDecoder.Correct(encoded, rgba.AsSpan(0, width * height * 4));
            PixelPacking.DropAlpha(rgba.AsSpan(0, width * height * 4), rgb);
            PixelBuffers.Return(rgba);
            return new RgbImage(width, height, rgb);
        }
    }

    /// <summary>Null: Skia decides what this is, and what is wrong with it.</summary>
    private static RgbImage? TryShim(ReadOnlySpan<byte> encoded, long maxPixels, Func<int, byte[]> allocate)
    {
        if (JpegShim.Header(encoded) is not var (width, height) || (long)width * height > Math.Min(maxPixels, MaxPixels))
            return null;
        JpegScans.Check(encoded);
        DecodingMemory.Check(encoded, (long)width * height);
        using var turn = DecodingMemory.Take((long)width * height);
        byte[] rgb = allocate(width * height * 3);
        return JpegShim.TryDecode(encoded, rgb) ? new RgbImage(width, height, rgb) : null;
    }

    /// <summary>The same with alpha.</summary>
    /// <inheritdoc cref="Decode"/>
    internal static RgbaImage DecodeWithAlpha(ReadOnlySpan<byte> encoded, long maxPixels)
    {
        switch (ImageFormats.Of(encoded))
        {
            case ImageFormat.Gif:
                var gif = OpenGif(encoded, maxPixels);
                byte[] pixels = new byte[gif.Width * gif.Height * 4];
                gif.Decode(encoded, pixels, channels: 4);
                return new RgbaImage(gif.Width, gif.Height, gif.HasAlpha, pixels);
            case ImageFormat.Tiff or ImageFormat.Avif or ImageFormat.Jpeg2000:
                return DecodeElsewhere(encoded, maxPixels);
            default:
                return Open(encoded, maxPixels, Read);
        }

        static RgbaImage Read(SKCodec codec, ReadOnlySpan<byte> encoded, int width, int height, string format)
        {
            byte[] rented = ReadInto(codec, new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul), format);
            byte[] rgba = rented[..(width * height * 4)];
            PixelBuffers.Return(rented);
            BmpDecoder.Correct(encoded, rgba);
            return new RgbaImage(width, height, codec.Info.AlphaType != SKAlphaType.Opaque, rgba);
        }
    }

    /// <returns>Format and size, as "PNG 640 x 480"; null: this is not an image that can be read.</returns>
    public static string? Describe(ReadOnlySpan<byte> encoded)
    {
        try
        {
            var header = Header(encoded, MaxPixels);
            return $"{header.Format.ToUpperInvariant()} {header.Width} x {header.Height}";
        }
        catch (DamagedImageException)
        {
            return null;
        }
    }

    /// <summary>
    /// What the header says, when the size is within the limit; no pixel is decoded but of the formats that another process decodes.
    /// </summary>
    internal static ImageHeader Header(ReadOnlySpan<byte> encoded, long maxPixels)
    {
        var format = ImageFormats.Of(encoded);
        if (format == ImageFormat.Gif)
        {
            var gif = OpenGif(encoded, maxPixels);
            return new ImageHeader(gif.Width, gif.Height, ImageFormats.NameOf(format), SKEncodedOrigin.TopLeft, gif.HasAlpha);
        }
        if (format is ImageFormat.Tiff or ImageFormat.Avif or ImageFormat.Jpeg2000)
        {
            var image = DecodeElsewhere(encoded, maxPixels);
            return new ImageHeader(image.Width, image.Height, ImageFormats.NameOf(format), SKEncodedOrigin.TopLeft, image.HasAlpha);
        }
        return Open(encoded, maxPixels, static (codec, encoded, width, height, format) =>
            new ImageHeader(width, height, format, codec.EncodedOrigin, codec.Info.AlphaType != SKAlphaType.Opaque));
    }

    private delegate T Reading<T>(SKCodec codec, ReadOnlySpan<byte> encoded, int width, int height, string format);

    private static unsafe T Open<T>(ReadOnlySpan<byte> encoded, long maxPixels, Reading<T> read)
    {
        string format = ImageFormats.Of(encoded) is var found and not ImageFormat.Other
            ? ImageFormats.NameOf(found)
            : throw new DamagedImageException(ImageFormats.Refusal(encoded));
        fixed (byte* start = encoded)
        {
            using var data = SKData.Create((nint)start, encoded.Length);
            using var codec = SKCodec.Create(data) ?? throw new DamagedImageException($"has a broken {format} header");
            int width = codec.Info.Width, height = codec.Info.Height;
            CheckSize(width, height, maxPixels);
            if (format == ImageFormats.NameOf(ImageFormat.Jpeg))
                JpegScans.Check(encoded);
            DecodingMemory.Check(encoded, (long)width * height);
            using var turn = DecodingMemory.Take((long)width * height);
            return read(codec, encoded, width, height, format);
        }
    }

    /// <summary>The pixels at the start of a rented array.</summary>
    private static unsafe byte[] ReadInto(SKCodec codec, SKImageInfo info, string format)
    {
        byte[] pixels = PixelBuffers.Rent(info.BytesSize);
        SKCodecResult result;
        fixed (byte* start = pixels)
            result = codec.GetPixels(info, (nint)start);
        if (result == SKCodecResult.Success)
            return pixels;
        PixelBuffers.Return(pixels);
        throw result switch
        {
            SKCodecResult.IncompleteInput => new DamagedImageException($"is a {format} cut short"),
            SKCodecResult.ErrorInInput or SKCodecResult.InvalidInput or SKCodecResult.Unimplemented or SKCodecResult.InternalError =>
                new DamagedImageException($"is a corrupt {format}"),
            _ => new InvalidOperationException($"Skia refused to decode a {format} to {info.ColorType}: {result}"),
        };
    }

    private static GifDecoder OpenGif(ReadOnlySpan<byte> encoded, long maxPixels)
    {
        var gif = GifDecoder.Open(encoded);
        CheckSize(gif.Width, gif.Height, maxPixels);
        return gif;
    }

    private static RgbaImage DecodeElsewhere(ReadOnlySpan<byte> encoded, long maxPixels) =>
        DecoderProcesses.Decode(encoded, Math.Min(maxPixels, MaxPixels));

    /// <exception cref="DamagedImageException">The image has more pixels than the limit.</exception>
    private static void CheckSize(int width, int height, long maxPixels)
    {
        if ((long)width * height > Math.Min(maxPixels, MaxPixels))
            throw new DamagedImageException($"has {width}x{height} pixels, the limit is {Math.Min(maxPixels, MaxPixels)} in all");
    }

    // The header chunk is the first: bit depth at byte 24, colour type (0 is grey) at byte 25.
    private static bool IsGrey16(ReadOnlySpan<byte> encoded) =>
        encoded.Length > 25 && encoded.StartsWith(ImageFormats.PngSignature) && encoded[24] == 16 && encoded[25] == 0;
}
