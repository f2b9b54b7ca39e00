using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace ClipDistributed.Data.Streams;

/// <summary>
/// The two digests of a step: sums modulo 2^128 over its samples, so partial sums of any parts of the batch, in any
/// order, add up to the whole's.
/// </summary>
/// <param name="Plan">Over slots and planned rows: what the spec says.</param>
/// <param name="Content">Over slots, rows really used and their bytes: what was seen.</param>
public readonly record struct StepDigest(UInt128 Plan, UInt128 Content)
{
    private const int PlanBytes = 16, ContentBytes = 20;

    /// <summary>The digest of one sample.</summary>
    /// <param name="slot">Its place in the global batch.</param>
    /// <param name="planned">The row that the order names.</param>
    /// <param name="used">The row that was used: the planned one unless that is damaged.</param>
    /// <param name="crc">From <see cref="Checksum"/>.</param>
    public static StepDigest Of(int slot, SampleId planned, SampleId used, uint crc) =>
        new(OfPlan(slot, planned), OfContent(slot, used, crc));

    /// <summary>The plan digest of one row: SHA-256(slot u32, shard u32, row u64), its first 16 bytes, all little-endian.</summary>
    public static UInt128 OfPlan(int slot, SampleId planned)
    {
        Span<byte> fields = stackalloc byte[PlanBytes];
        WriteRow(fields, slot, planned);
        return FirstHalfOfHash(fields);
    }

    /// <summary>The plan digest of the rows of a range of slots that begins at <paramref name="firstSlot"/>.</summary>
    public static UInt128 OfPlan(int firstSlot, ReadOnlySpan<SampleId> planned)
    {
        UInt128 sum = 0;
        for (int i = 0; i < planned.Length; i++)
            sum = unchecked(sum + OfPlan(firstSlot + i, planned[i]));
        return sum;
    }

    /// <summary>CRC-32C (RFC 3720, appendix B.4) of the stored image bytes followed by the caption in UTF-8.</summary>
    public static uint Checksum(ReadOnlySpan<byte> image, string caption)
    {
        uint crc = Append(uint.MaxValue, image);
        return ~Append(crc, Encoding.UTF8.GetBytes(caption));
    }

    /// <summary>The sum of two parts.</summary>
    public static StepDigest operator +(StepDigest left, StepDigest right) =>
        unchecked(new(left.Plan + right.Plan, left.Content + right.Content));

    /// <summary>32 lower-case hexadecimal digits, the highest first.</summary>
    public static string ToHex(UInt128 digest) => digest.ToString("x32", CultureInfo.InvariantCulture);

    public override string ToString() => $"plan {ToHex(Plan)}, content {ToHex(Content)}";

    private static UInt128 OfContent(int slot, SampleId used, uint crc)
    {
        Span<byte> fields = stackalloc byte[ContentBytes];
        WriteRow(fields, slot, used);
        BinaryPrimitives.WriteUInt32LittleEndian(fields[PlanBytes..], crc);
        return FirstHalfOfHash(fields);
    }

    private static void WriteRow(Span<byte> fields, int slot, SampleId id)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(fields, (uint)slot);
        BinaryPrimitives.WriteUInt32LittleEndian(fields[4..], id.Shard);
        BinaryPrimitives.WriteUInt64LittleEndian(fields[8..], id.Row);
    }

    private static UInt128 FirstHalfOfHash(ReadOnlySpan<byte> fields)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(fields, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    private static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
            crc = BitOperations.Crc32C(crc, word);
        foreach (byte rest in bytes[(words.Length * sizeof(ulong))..])
            crc = BitOperations.Crc32C(crc, rest);
        return crc;
    }
}
