using System.Text;

namespace ClipDistributed.Data.ParquetFiles;

/// <summary>
/// Reads Thrift's compact protocol, in which footers and page headers are written. Whatever the bytes say, it takes no more
/// than they are: lists are no longer than what is left, and nothing nests deeper than <see cref="MaxDepth"/>.
/// </summary>
/// <exception cref="InvalidDataException">Thrown by every member: the bytes are no such structure.</exception>
internal ref struct CompactReader(ReadOnlySpan<byte> bytes)
{
    public const int True = 1, False = 2, Byte = 3, Int16 = 4, Int32 = 5, Int64 = 6, Double = 7, Binary = 8, List = 9, Set = 10, Map = 11,
        Struct = 12;

    private const int MaxDepth = 64;

    private readonly int length = bytes.Length;
    private ReadOnlySpan<byte> rest = bytes;

    public readonly int Consumed => length - rest.Length;

    /// <summary>Goes to the next field of a structure.</summary>
    /// <param name="id">The field before, 0 at first; then this one.</param>
    /// <param name="type">What its value is.</param>
    /// <returns>False: the structure has ended.</returns>
    public bool NextField(ref int id, out int type)
    {
        byte header = Take(1)[0];
        type = header & 0xF;
        if (header == 0)
            return false;
        id = header >> 4 == 0 ? (int)ZigZag(TakeNumber()) : id + (header >> 4);
        return true;
    }

    public long TakeInteger(int type) => type switch
    {
        Int16 or Int32 or Int64 => ZigZag(TakeNumber()),
        Byte => (sbyte)Take(1)[0],
        _ => throw Broken(),
    };

    public int TakeInt32(int type) =>
        TakeInteger(type) is >= int.MinValue and <= int.MaxValue and var number ? (int)number : throw Broken();

    public readonly bool TakeBoolean(int type) => type is True or False ? type == True : throw Broken();

    public string TakeText(int type) => type == Binary ? Encoding.UTF8.GetString(Take(TakeNumber())) : throw Broken();

    /// <summary>The length of a list whose elements follow; each takes a byte or more.</summary>
    public int TakeListLength(int type, out int elementType)
    {
        if (type != List)
            throw Broken();
        byte header = Take(1)[0];
        elementType = header & 0xF;
        ulong count = header >> 4 == 15 ? TakeNumber() : (ulong)(header >> 4);
        return count <= (ulong)rest.Length ? (int)count : throw Broken();
    }

    public void Skip(int type) => Skip(type, isElement: false, depth: 0);

    private void Skip(int type, bool isElement, int depth)
    {
        if (depth > MaxDepth)
            throw Broken();
        switch (type)
        {
            case True or False:
                Take(isElement ? 1 : 0u); // as a field the value is in the type
                break;
            case Byte:
                Take(1);
                break;
            case Int16 or Int32 or Int64:
                TakeNumber();
                break;
            case Double:
                Take(8);
                break;
            case Binary:
                Take(TakeNumber());
                break;
            case List or Set:
                int count = TakeListLength(List, out int elementType);
                for (int i = 0; i < count; i++)
                    Skip(elementType, isElement: true, depth + 1);
                break;
            case Map:
                SkipMap(depth);
                break;
            case Struct:
                int id = 0;
                while (NextField(ref id, out int fieldType))
                    Skip(fieldType, isElement: false, depth + 1);
                break;
            default:
                throw Broken();
        }
    }

    private void SkipMap(int depth)
    {
        ulong count = TakeNumber();
        if (count == 0)
            return;
        byte types = Take(1)[0];
        for (ulong i = 0; i < count; i++)
        {
            Skip(types >> 4, isElement: true, depth + 1);
            Skip(types & 0xF, isElement: true, depth + 1);
        }
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)rest.Length)
            throw new TruncatedException();
        var taken = rest[..(int)count];
        rest = rest[(int)count..];
        return taken;
    }

    private ulong TakeNumber()
    {
        ulong number = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = Take(1)[0];
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return number;
        }
        throw Broken();
    }

    private static long ZigZag(ulong number) => (long)(number >> 1) ^ -(long)(number & 1);

    private static InvalidDataException Broken() => new("its structure is damaged");
}

/// <summary>The bytes end within a structure.</summary>
internal sealed class TruncatedException() : FormatException("its structure is cut short");
