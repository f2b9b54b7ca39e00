using System.Buffers;
using System.Buffers.Text;
using ClipDistributed.Data.Images;

namespace ClipDistributed.Data.Images;

/// <summary>Recognises text where encoded images should be.</summary>
public static class ImageText
{
    private const int Looked = 4096, Letters = 40; // 30 bytes, enough for every signature

    private static readonly SearchValues<byte> Base64Letters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8);

    /// <summary>"base64 text" or "a path"; null: it looks like neither.</summary>
    public static string? KindOf(ReadOnlySpan<byte> value)
    {
        var start = value[..Math.Min(value.Length, Looked)];
        if (start.StartsWith("data:image/"u8) || IsBase64Image(start))
            return "base64 text";
        bool isLine = value.Length is > 2 and <= Looked && !start.ContainsAnyInRange((byte)0, (byte)31);
        return isLine && start.ContainsAny("./\\"u8) && start.IndexOf((byte)'<') < 0 ? "a path" : null;
    }

    private static bool IsBase64Image(ReadOnlySpan<byte> start)
    {
        if (start.Length < Letters || start[..Letters].ContainsAnyExcept(Base64Letters))
            return false;
        Span<byte> decoded = stackalloc byte[Letters / 4 * 3];
        Base64.DecodeFromUtf8(start[..Letters], decoded, out _, out int written);
        return written == decoded.Length && ImageFormats.Of(decoded) != ImageFormat.Other;
    }
}
