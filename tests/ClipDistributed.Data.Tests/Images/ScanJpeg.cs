using System.Buffers.Binary;

namespace ClipDistributed.Data.Tests.Images;

/// <summary>Grey progressive JPEGs of as many scans as one likes: one of the averages, then empty ones.</summary>
internal static class ScanJpeg
{
    public static byte[] Write(int width, int height, int scans)
    {
        var file = new List<byte> { 0xFF, 0xD8 };
        Append(file, 0xDB, [0, .. Enumerable.Repeat((byte)1, 64)]);
        Append(file, 0xC2, [8, .. U16(height), .. U16(width), 1, 1, 0x11, 0]);
        Append(file, 0xC4, [0x00, 1, .. new byte[15], 0]); // averages: one code, no difference
        Append(file, 0xC4, [0x10, 1, .. new byte[15], 0xE0]); // the rest: one code, ends 16,384 blocks and more
        int blocks = (width + 7) / 8 * ((height + 7) / 8);
        Append(file, 0xDA, [1, 1, 0, 0, 0, 0]);
        file.AddRange(new byte[(blocks + 7) / 8]);
        int runs = (blocks + 16_383) / 16_384, bits = runs * 15;
        for (int i = 1; i < scans; i++)
        {
            Append(file, 0xDA, [1, 1, 0, (byte)(1 + i % 63), (byte)(1 + i % 63), 0]);
            file.AddRange(new byte[(bits + 7) / 8]);
        }
        file.AddRange([0xFF, 0xD9]);
        return [.. file];
    }

    private static void Append(List<byte> file, byte marker, byte[] data) =>
        file.AddRange([0xFF, marker, .. U16(data.Length + 2), .. data]);

    private static byte[] U16(int value)
    {
        byte[] bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)value);
        return bytes;
    }
}
