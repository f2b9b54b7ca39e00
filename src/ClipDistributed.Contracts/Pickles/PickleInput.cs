using System.Buffers.Binary;
using System.Text;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Contracts.Pickles;

/// <summary>The bytes of a pickle, read in pieces: a length that the pickle claims is checked before memory is taken for it.</summary>
/// <param name="start">Of its first byte in the stream.</param>
/// <param name="end">One past the last byte that may be read.</param>
internal sealed class PickleInput(Stream stream, long start, long end)
{
    private const int MaxNameLength = 1024;

    private readonly byte[] buffer = new byte[1 << 16];
    private long position = start; // of the byte after the buffer
    private int next, filled;

    /// <summary>Of the next byte in the stream.</summary>
    public long Position => position - (filled - next);

    private long Left => end - Position;

    /// <exception cref="InvalidDataException">The pickle ends here.</exception>
    public byte ReadByte()
    {
        if (next == filled)
            Fill();
        return buffer[next++];
    }

    /// <summary>A little-endian number without sign of at most 8 bytes.</summary>
    public ulong ReadNumber(int bytes)
    {
        ulong value = 0;
        for (int i = 0; i < bytes; i++)
            value |= (ulong)ReadByte() << (8 * i);
        return value;
    }

    public double ReadDouble() => BitConverter.UInt64BitsToDouble(BinaryPrimitives.ReverseEndianness(ReadNumber(8)));

    /// <param name="most">Bytes that are left to take.</param>
    public byte[] ReadBytes(ulong count, long most)
    {
        if (count > (ulong)Left)
            throw new InvalidDataException($"at byte {Position} it claims {Counted.Plain(count, "byte")}, {Left} are left");
        if (count > (ulong)most)
            throw new InvalidDataException(
                $"at byte {Position} it holds {Counted.Plain(count, "byte")} of text; a state_dict has little of it"
            );
        byte[] bytes = new byte[count];
        for (int at = 0; at < bytes.Length;)
        {
            if (next == filled)
                Fill();
            int length = Math.Min(filled - next, bytes.Length - at);
            buffer.AsSpan(next, length).CopyTo(bytes.AsSpan(at));
            (at, next) = (at + length, next + length);
        }
        return bytes;
    }

    /// <summary>Up to the end of the line, as the names of classes are written.</summary>
    public string ReadLine()
    {
        var line = new List<byte>();
        for (byte value = ReadByte(); value != (byte)'\n'; value = ReadByte())
        {
            if (line.Count == MaxNameLength)
                throw new InvalidDataException($"at byte {Position} a name is longer than {MaxNameLength} bytes");
            line.Add(value);
        }
        return Encoding.UTF8.GetString([.. line]);
    }

    public InvalidDataException Damaged(string what) => new($"the pickle is damaged before byte {Position}: {what}");

    private void Fill()
    {
        int most = (int)Math.Min(buffer.Length, end - position);
        if (most > 0)
            stream.Position = position;
        int read = most <= 0 ? 0 : stream.Read(buffer, 0, most);
        if (read == 0)
            throw new InvalidDataException($"the pickle is cut off at byte {position}");
        position += read;
        (next, filled) = (0, read);
    }
}
