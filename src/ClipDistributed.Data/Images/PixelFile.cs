using System.Buffers.Binary;
using System.Text.Json;

namespace ClipDistributed.Data.Images;

/// <summary>
/// Writes images as uint8 tensors [3, height, width] of a safetensors file: 8 bytes little-endian length of the header, the header
/// as JSON padded with spaces to 8 bytes, then the tensors one after the other.
/// </summary>
public static class PixelFile
{
    /// <param name="size">Height and width.</param>
    /// <param name="images">Names, all different, and 3 · size · size bytes each.</param>
    public static void Write(Stream stream, int size, IReadOnlyList<(string Name, byte[] Planes)> images)
    {
        using var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header))
        {
            long offset = 0;
            json.WriteStartObject();
            foreach (var (name, planes) in images)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", "U8");
                WriteNumbers(json, "shape", [3, size, size]);
                WriteNumbers(json, "data_offsets", [offset, offset += planes.Length]);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (header.Length % 8 != 0)
            header.WriteByte((byte)' ');
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        header.WriteTo(stream);
        foreach (var (_, planes) in images)
            stream.Write(planes);
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, long[] numbers)
    {
        json.WriteStartArray(name);
        foreach (long number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
