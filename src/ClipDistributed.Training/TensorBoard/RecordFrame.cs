using System.Buffers.Binary;
using System.Numerics;

namespace ClipDistributed.Training.TensorBoard;

/// <summary>The frame of a record in a TFRecord file: length u64, its checksum u32, the bytes, their checksum u32; all
/// little-endian.</summary>
public static class RecordFrame
{
    private const int Head = 12, Tail = 4;

    // No record here comes near it: a torn length must not become an allocation.
    private const ulong Longest = 1 << 20;

    public static byte[] Wrap(ReadOnlySpan<byte> message)
    {
        byte[] frame = new byte[Head + message.Length + Tail];
        BinaryPrimitives.WriteUInt64LittleEndian(frame, (ulong)message.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(8), Checksum(frame.AsSpan(0, 8)));
        message.CopyTo(frame.AsSpan(Head));
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(Head + message.Length), Checksum(message));
        return frame;
    }

    /// <summary>A record begins here: its length fits its checksum.</summary>
    public static bool IsAt(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= Head && Checksum(bytes[..8]) == BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);

    /// <summary>The next record's bytes; null at the end, and where the record is torn or damaged.</summary>
    public static byte[]? TryRead(Stream file)
    {
        Span<byte> head = stackalloc byte[Head];
        if (file.ReadAtLeast(head, Head, throwOnEndOfStream: false) < Head || !IsAt(head))
            return null;
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(head);
        if (length > Longest)
            return null;
        byte[] rest = new byte[(int)length + Tail];
        if (file.ReadAtLeast(rest, rest.Length, throwOnEndOfStream: false) < rest.Length)
            return null;
        byte[] message = rest[..(int)length];
        return Checksum(message) == BinaryPrimitives.ReadUInt32LittleEndian(rest.AsSpan((int)length)) ? message : null;
    }

    /// <summary>CRC-32C, rotated and shifted so that a checksum over bytes that hold checksums stays a good one.</summary>
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte one in bytes)
            crc = BitOperations.Crc32C(crc, one);
        return BitOperations.RotateRight(~crc, 15) + 0xa282ead8;
    }
}
