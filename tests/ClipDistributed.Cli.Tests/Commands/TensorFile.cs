using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>Safetensors files of one tensor.</summary>
internal static class TensorFile
{
    public static void WriteTokens(string path, int[][] ids)
    {
        var entry = new
        {
            dtype = "I32",
            shape = new[] { ids.Length, ids[0].Length },
            data_offsets = new[] { 0, 4 * ids.Length * ids[0].Length },
        };
        byte[] header = JsonSerializer.SerializeToUtf8Bytes(new { tokens = entry });
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        File.WriteAllBytes(path, [.. length, .. header, .. MemoryMarshal.AsBytes<int>(ids.SelectMany(row => row).ToArray())]);
    }

    public static (JsonDocument Header, float[] Values) Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        return (JsonDocument.Parse(file.AsMemory(8, length)), MemoryMarshal.Cast<byte, float>(file.AsSpan(8 + length)).ToArray());
    }
}
