using System.Buffers.Binary;
using System.Text;

namespace ClipDistributed.Data.Tars;

/// <summary>The 512 bytes before each member of a tar (POSIX.1-1988 ustar, and what GNU tar and V7 make of them).</summary>
/// <param name="Name">In one piece; an extension before the header may give a longer one.</param>
/// <param name="Size">Bytes of data that follow.</param>
/// <param name="Type">POSIX's type flag.</param>
internal readonly record struct TarHeader(string Name, long Size, byte Type)
{
    public const int Length = 512;

    /// <summary>More has no file system; sums of positions and sizes do not overflow.</summary>
    public const long MaxSize = 1L << 60;

    private const int NameBytes = 100, SizeAt = 124, SizeBytes = 12, SumAt = 148, SumBytes = 8, TypeAt = 156, MagicAt = 257;
    private const int PrefixAt = 345, PrefixBytes = 155;
    private const byte Binary = 0x80; // GNU's: a big-endian number in place of octal digits

    /// <summary>What the data of a member are: a file, or of an unknown type, which POSIX says to take for one.</summary>
    public bool HasData => Type is not ((byte)'1' or (byte)'2' or (byte)'3' or (byte)'4' or (byte)'5' or (byte)'6');

    /// <summary>A regular file.</summary>
    public bool IsFile => Type is (byte)'0' or 0 or (byte)'7' && !Name.EndsWith('/');

    /// <summary>Whether the bytes are a header, by their checksum.</summary>
    public static bool IsHeader(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Length || !TryOctal(bytes.Slice(SumAt, SumBytes), out long claimed))
            return false;
        // Of all bytes, those of the sum itself as spaces; some old programs add signed bytes.
        long unsigned = 0, signed = 0;
        for (int i = 0; i < Length; i++)
        {
            byte value = i is >= SumAt and < SumAt + SumBytes ? (byte)' ' : bytes[i];
            unsigned += value;
            signed += (sbyte)value;
        }
        return claimed == unsigned || claimed == signed;
    }

    /// <exception cref="InvalidDataException">It is none, or its size is none.</exception>
    public static TarHeader Read(ReadOnlySpan<byte> bytes)
    {
        if (!IsHeader(bytes))
            throw new InvalidDataException("the header of a member is damaged");
        string name = Text(bytes[..NameBytes]);
        // GNU tar has times where POSIX has the beginning of a long name; its magic ends with a space.
        if (bytes.Slice(MagicAt, 6).SequenceEqual("ustar\0"u8) && Text(bytes.Slice(PrefixAt, PrefixBytes)) is { Length: > 0 } prefix)
            name = $"{prefix}/{name}";
        return new TarHeader(name, SizeOf(bytes.Slice(SizeAt, SizeBytes)), bytes[TypeAt]);
    }

    private static long SizeOf(ReadOnlySpan<byte> field)
    {
        if ((field[0] & Binary) == 0)
            return TryOctal(field, out long octal) ? octal : throw new InvalidDataException("a member's size is not a number");
        ulong size = BinaryPrimitives.ReadUInt64BigEndian(field[4..]);
        return (field[0] & ~Binary) == 0 && !field[1..4].ContainsAnyExcept((byte)0) && size <= MaxSize
            ? (long)size
            : throw new InvalidDataException("a member's size is larger than any file");
    }

    /// <summary>Digits between spaces and NULs; none are 0.</summary>
    private static bool TryOctal(ReadOnlySpan<byte> field, out long number)
    {
        number = 0;
        var digits = field.TrimStart((byte)' ');
        int end = digits.IndexOfAny((byte)' ', (byte)0);
        if (end >= 0)
            digits = digits[..end];
        foreach (byte digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7')
                return false;
            number = number * 8 + digit - '0'; // 12 digits fit
        }
        return true;
    }

    private static string Text(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }
}
