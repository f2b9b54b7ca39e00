using System.Text;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Images;

/// <summary>
/// What this process and <c>clipd-images</c>, which decodes the rarer formats, say to each other over its input and output. A
/// request: length of the image, pixels at most, the image. A reply: 0, width, height, 1 where it has alpha, RGBA; or 1, length, reason.
/// </summary>
public static class DecoderProtocol
{
    public const string ProgramName = "clipd-images";

    /// <summary>What the decoder may allocate.</summary>
    public const long MemoryLimit = 1L << 30;

    private const int MaxReasonBytes = 10_000;

    /// <returns>Null: the other end is gone.</returns>
    public static (byte[] Encoded, long MaxPixels)? ReadRequest(BinaryReader from)
    {
        try
        {
            int length = from.ReadInt32();
            long maxPixels = from.ReadInt64();
            byte[] encoded = from.ReadBytes(length);
            return encoded.Length == length ? (encoded, maxPixels) : null;
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }

    public static void WriteRequest(BinaryWriter to, ReadOnlySpan<byte> encoded, long maxPixels)
    {
        to.Write(encoded.Length);
        to.Write(maxPixels);
        to.Write(encoded);
        to.Flush();
    }

    public static void WriteImage(BinaryWriter to, RgbaImage image)
    {
        to.Write((byte)0);
        to.Write(image.Width);
        to.Write(image.Height);
        to.Write(image.HasAlpha);
        to.Write(image.Pixels);
        to.Flush();
    }

    public static void WriteDamage(BinaryWriter to, string reason)
    {
        byte[] text = Encoding.UTF8.GetBytes(reason);
        to.Write((byte)1);
        to.Write(text.Length);
        to.Write(text);
        to.Flush();
    }

    /// <exception cref="DamagedImageException">The decoder says so.</exception>
    /// <exception cref="IOException">The other end is gone, or sends what is not a reply.</exception>
    public static RgbaImage ReadReply(BinaryReader from, long maxPixels)
    {
        if (from.ReadByte() != 0)
        {
            int length = from.ReadInt32();
            if (length is < 0 or > MaxReasonBytes)
                throw new IOException($"a reason of {Counted.Plain(length, "byte")}");
            throw new DamagedImageException(Encoding.UTF8.GetString(from.ReadBytes(length)));
        }
        int width = from.ReadInt32(), height = from.ReadInt32();
        if (width < 1 || height < 1 || (long)width * height > maxPixels)
            throw new IOException($"an image of {width}x{height}");
        bool hasAlpha = from.ReadBoolean();
        byte[] pixels = GC.AllocateUninitializedArray<byte>(checked(width * height * 4));
        from.BaseStream.ReadExactly(pixels);
        return new RgbaImage(width, height, hasAlpha, pixels);
    }
}
