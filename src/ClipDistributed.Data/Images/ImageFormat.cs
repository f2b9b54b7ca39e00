namespace ClipDistributed.Data.Images;

/// <summary>What an image's first bytes say it is.</summary>
internal enum ImageFormat
{
    /// <summary>No image that is read.</summary>
    Other,
    Jpeg,
    Png,
    WebP,
    Gif,
    Bmp,
    Tiff,
    Avif,
    Jpeg2000,
}

/// <summary>Recognises formats by content: names of files say little, and rows of shards have none.</summary>
internal static class ImageFormats
{
    /// <summary>As many first bytes as <see cref="Of"/> looks at.</summary>
    public const int Prefix = 64;

    /// <summary>All that are read, as a message lists them.</summary>
    public const string Known = "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, JPEG 2000";

    /// <summary>Endings that claim an image, those of formats that are not read among them.</summary>
    private static readonly HashSet<string> Endings = new(
        [".jpg", ".jpeg", ".jpe", ".jfif", ".pjpeg", ".pjp", ".png", ".apng", ".webp", ".gif", ".bmp", ".dib", ".tif", ".tiff", ".avif",
            ".jp2", ".j2k", ".jpx", ".jpf", ".j2c", ".jpc", ".heic", ".heif", ".jxl", ".psd"],
        StringComparer.OrdinalIgnoreCase);

    public static ReadOnlySpan<byte> JpegSignature => [0xFF, 0xD8, 0xFF];

    public static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    private static ReadOnlySpan<byte> Jpeg2000Box => [0, 0, 0, 12, (byte)'j', (byte)'P', (byte)' ', (byte)' ', 0x0D, 0x0A, 0x87, 0x0A];

    private static ReadOnlySpan<byte> Jpeg2000Stream => [0xFF, 0x4F, 0xFF, 0x51];

    public static bool HasImageEnding(string path) => Endings.Contains(Path.GetExtension(path));

    /// <param name="encoded">A file, or its first <see cref="Prefix"/> bytes.</param>
    public static ImageFormat Of(ReadOnlySpan<byte> encoded) => encoded switch
    {
        _ when encoded.StartsWith(JpegSignature) => ImageFormat.Jpeg,
        _ when encoded.StartsWith(PngSignature) => ImageFormat.Png,
        _ when encoded.StartsWith("GIF87a"u8) || encoded.StartsWith("GIF89a"u8) => ImageFormat.Gif,
        _ when encoded.Length >= 12 && encoded.StartsWith("RIFF"u8) && encoded[8..].StartsWith("WEBP"u8) => ImageFormat.WebP,
        _ when IsBmp(encoded) => ImageFormat.Bmp,
        _ when encoded.StartsWith("II*\0"u8) || encoded.StartsWith("MM\0*"u8) || encoded.StartsWith("II+\0"u8)
            || encoded.StartsWith("MM\0+"u8) => ImageFormat.Tiff,
        _ when encoded.StartsWith(Jpeg2000Box) || encoded.StartsWith(Jpeg2000Stream) => ImageFormat.Jpeg2000,
        _ when HasBrand(encoded, "avif"u8) || HasBrand(encoded, "avis"u8) => ImageFormat.Avif,
        _ => ImageFormat.Other,
    };

    public static string NameOf(ImageFormat format) => format switch
    {
        ImageFormat.Jpeg => "JPEG",
        ImageFormat.Jpeg2000 => "JPEG 2000",
        ImageFormat.WebP => "WebP",
        _ => format.ToString().ToUpperInvariant(),
    };

    /// <summary>What is wrong with bytes of <see cref="ImageFormat.Other"/>, named where they are a known kind.</summary>
    public static string Refusal(ReadOnlySpan<byte> encoded) => encoded switch
    {
        [] => "has no bytes",
        _ when encoded.Length >= 12 && encoded[4..].StartsWith("ftyp"u8) && IsHeic(encoded) =>
            "is a HEIC, which cannot be read; convert it to JPEG or PNG",
        _ when encoded.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A]) || encoded.Length > 8 && encoded[4..].StartsWith("JXL "u8) =>
            "is a JPEG XL, which cannot be read; convert it to JPEG or PNG",
        _ when encoded.StartsWith("8BPS"u8) => "is a Photoshop file, which cannot be read; convert it to JPEG or PNG",
        _ => $"is in no format that can be read ({Known})",
    };

    // "BM" alone begins many a text: the header's size must be one that there is.
    private static bool IsBmp(ReadOnlySpan<byte> encoded) =>
        encoded.Length >= 26 && encoded.StartsWith("BM"u8)
            && BitConverter.ToUInt32(encoded[14..]) is 12 or 16 or 40 or 52 or 56 or 64 or 108 or 124;

    private static bool IsHeic(ReadOnlySpan<byte> encoded) =>
        HasBrand(encoded, "heic"u8) || HasBrand(encoded, "heix"u8) || HasBrand(encoded, "heim"u8) || HasBrand(encoded, "heis"u8)
        || HasBrand(encoded, "hevc"u8) || HasBrand(encoded, "hevx"u8) || HasBrand(encoded, "mif1"u8) || HasBrand(encoded, "msf1"u8);

    /// <summary>ISO/IEC 14496-12: a box "ftyp" with a major brand, its version, and brands that the file is compatible with.</summary>
    private static bool HasBrand(ReadOnlySpan<byte> encoded, ReadOnlySpan<byte> brand)
    {
        if (encoded.Length < 12 || !encoded[4..].StartsWith("ftyp"u8))
            return false;
        int end = (int)Math.Min(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(encoded), Math.Min(encoded.Length, Prefix));
        for (int at = 8; at + 4 <= end; at += at == 8 ? 8 : 4)
        {
            if (encoded[at..].StartsWith(brand))
                return true;
        }
        return false;
    }
}
