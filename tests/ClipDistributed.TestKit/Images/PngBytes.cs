using System.Buffers.Binary;
using System.IO.Compression;

namespace ClipDistributed.TestKit.Images;

/// <summary>Writes the kinds of PNG that the fixtures lack, without filters.</summary>
public static class PngBytes
{
    /// <param name="colourType">0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA.</param>
    /// <param name="samples">The packed rows as the format stores them, without filter bytes; null: a header and nothing behind it.</param>
    /// <param name="extra">Chunks between header and pixels, such as PLTE and tRNS.</param>
    public static byte[] Write(
        int width,
        int height,
        int bitDepth,
        int colourType,
        byte[]? samples,
        params (string Type, byte[] Data)[] extra
    )
    {
        var file = new List<byte> { 0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10 };
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = ((byte)bitDepth, (byte)colourType);
        Append(file, "IHDR", header);
        foreach (var (type, data) in extra)
            Append(file, type, data);
        if (samples is not null)
        {
            Append(file, "IDAT", Compress(samples, height));
            Append(file, "IEND", []);
        }
        return [.. file];
    }

    private static byte[] Compress(byte[] samples, int height)
    {
        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Fastest))
        {
            int rowBytes = samples.Length / height;
            for (int row = 0; row < height; row++)
            {
                zlib.WriteByte(0);
                zlib.Write(samples, row * rowBytes, rowBytes);
            }
        }
        return compressed.ToArray();
    }

    private static void Append(List<byte> file, string type, byte[] data)
    {
        byte[] body = [.. System.Text.Encoding.ASCII.GetBytes(type), .. data];
        var number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.AddRange(number);
        file.AddRange(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32(body));
        file.AddRange(number);
    }

    private static uint Crc32(byte[] bytes)
    {
        uint crc = ~0u;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ (0xEDB88320 & (0 - (crc & 1)));
        }
        return ~crc;
    }
}
