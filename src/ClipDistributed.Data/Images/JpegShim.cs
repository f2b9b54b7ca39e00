using System.Runtime.InteropServices;

namespace ClipDistributed.Data.Images;

/// <summary>
/// Flawless grey and RGB JPEGs through libjpeg-turbo's vector code, which the copy inside Skia was built without: the same pixels in
/// half the time. Whatever it declines is Skia's to judge. The library is there if the machine that built it had libjpeg's headers.
/// </summary>
internal static partial class JpegShim
{
    private const string Library = "clipd_jpeg";
    private const int Done = 0;

    public static bool IsThere { get; } = NativeLibrary.TryLoad(Library, typeof(JpegShim).Assembly, null, out _);

    /// <summary>Width and height; null: declined.</summary>
    public static unsafe (int Width, int Height)? Header(ReadOnlySpan<byte> encoded)
    {
        fixed (byte* data = encoded)
            return clipd_jpeg_header(data, (nuint)encoded.Length, out int width, out int height) == Done ? (width, height) : null;
    }

    /// <param name="rgb">Width · height · 3 bytes at least.</param>
    /// <returns>False: declined; the pixels mean nothing.</returns>
    public static unsafe bool TryDecode(ReadOnlySpan<byte> encoded, Span<byte> rgb)
    {
        fixed (byte* data = encoded, pixels = rgb)
            return clipd_jpeg_decode(data, (nuint)encoded.Length, pixels, (nuint)rgb.Length) == Done;
    }

    [LibraryImport(Library)]
    private static unsafe partial int clipd_jpeg_header(byte* data, nuint size, out int width, out int height);

    [LibraryImport(Library)]
    private static unsafe partial int clipd_jpeg_decode(byte* data, nuint size, byte* rgb, nuint capacity);
}
