using System.Buffers;
using System.Buffers.Text;

namespace ClipDistributed.Data.Shards;

/// <summary>Recognises text where encoded images should be.</summary>
public static class ImageText
{
    private const int Looked = 4096, Letters = 16; // 16 letters are 12 bytes, enough for every signature

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
        return written == decoded.Length && HasSignature(decoded);
    }

    private static bool HasSignature(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) || bytes.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G'])
        || bytes.StartsWith("GIF8"u8) || bytes.StartsWith("BM"u8) || (bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8));
}
