using System.Buffers.Binary;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.ParquetFiles;

/// <summary>Makes something of a stored value: numbers as little-endian bytes, others as they are.</summary>
internal delegate T ValueConversion<out T>(ReadOnlySpan<byte> value);

/// <summary>Decodes the values of the pages of one chunk.</summary>
/// <param name="column">Whose values they are.</param>
/// <param name="convert">Applied to each value of a page, and once to each of a dictionary, whose results are shared.</param>
/// <param name="maxBytes">Bytes that shared prefixes may grow to.</param>
internal sealed class ValueDecoder<T>(SchemaNode column, ValueConversion<T> convert, long maxBytes)
{
    private T[]? dictionary;
    private long grown;

    /// <exception cref="InvalidDataException">The bytes are not a dictionary of so many values.</exception>
    public void ReadDictionary(ReadOnlySpan<byte> bytes, int count)
    {
        if (dictionary is not null)
            throw new InvalidDataException("a column has two dictionaries");
        if (count > bytes.Length / Math.Max(1, WidthOrPrefix))
            throw Short();
        var values = new T[count];
        ReadPlain(bytes, values);
        dictionary = values;
    }

    /// <exception cref="InvalidDataException">The bytes do not hold so many values.</exception>
    public void Read(int encoding, ReadOnlySpan<byte> bytes, Span<T> values)
    {
        switch (encoding)
        {
            case PageEncodings.Plain:
                ReadPlain(bytes, values);
                break;
            case PageEncodings.PlainDictionary or PageEncodings.RleDictionary:
                ReadPlaces(bytes, values);
                break;
            case PageEncodings.DeltaBinaryPacked when column.Physical is PhysicalType.Int32 or PhysicalType.Int64:
                ReadNumbers(bytes, values);
                break;
            case PageEncodings.DeltaLengthByteArray when column.Physical == PhysicalType.Bytes:
                ReadLengths(bytes, values);
                break;
            case PageEncodings.DeltaByteArray when column.Physical is PhysicalType.Bytes or PhysicalType.FixedBytes:
                ReadPrefixes(bytes, values);
                break;
            case PageEncodings.ByteStreamSplit when Width > 0:
                ReadSplit(bytes, values);
                break;
            default:
                throw new InvalidDataException($"a page has the encoding {encoding}, which does not fit a column of {column.TypeName}");
        }
    }

    /// <summary>Bytes of every value; 0: a length precedes each.</summary>
    private int Width => column.Physical switch
    {
        PhysicalType.Int32 or PhysicalType.Float => 4,
        PhysicalType.Int64 or PhysicalType.Double => 8,
        PhysicalType.FixedBytes => column.FixedLength,
        PhysicalType.Bytes => 0,
        _ => throw new InvalidDataException($"a column of {column.TypeName} is not read"),
    };

    private int WidthOrPrefix => Width == 0 ? sizeof(int) : Width;

    private void ReadPlain(ReadOnlySpan<byte> bytes, Span<T> values)
    {
        int width = Width;
        for (int i = 0; i < values.Length; i++)
        {
            int length = width > 0 ? width : BinaryPrimitives.ReadInt32LittleEndian(Take(ref bytes, sizeof(int)));
            values[i] = convert(Take(ref bytes, length));
        }
    }

    private void ReadPlaces(ReadOnlySpan<byte> bytes, Span<T> values)
    {
        if (dictionary is null)
            throw new InvalidDataException("a page needs a dictionary that is not there");
        if (values.Length == 0)
            return;
        int[] places = new int[values.Length];
        int width = Take(ref bytes, 1)[0];
        if (width > 0)
            RunLengths.Decode(bytes, width, places);
        for (int i = 0; i < values.Length; i++)
            values[i] = (uint)places[i] < (uint)dictionary.Length
                ? dictionary[places[i]]
                : throw new InvalidDataException("a page names a place that its dictionary does not have");
    }

    private void ReadNumbers(ReadOnlySpan<byte> bytes, Span<T> values)
    {
        long[] numbers = new long[values.Length];
        DeltaNumbers.Decode(ref bytes, numbers);
        Span<byte> value = stackalloc byte[sizeof(long)];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(value, numbers[i]);
            values[i] = convert(value[..Width]);
        }
    }

    private void ReadLengths(ReadOnlySpan<byte> bytes, Span<T> values)
    {
        long[] lengths = new long[values.Length];
        DeltaNumbers.Decode(ref bytes, lengths);
        for (int i = 0; i < values.Length; i++)
            values[i] = convert(Take(ref bytes, lengths[i]));
    }

    /// <summary>Each value is the beginning of the one before, and a rest of its own.</summary>
    private void ReadPrefixes(ReadOnlySpan<byte> bytes, Span<T> values)
    {
        long[] prefixes = new long[values.Length], suffixes = new long[values.Length];
        DeltaNumbers.Decode(ref bytes, prefixes);
        DeltaNumbers.Decode(ref bytes, suffixes);
        byte[] before = [];
        for (int i = 0; i < values.Length; i++)
        {
            var suffix = Take(ref bytes, suffixes[i]);
            if (prefixes[i] < 0 || prefixes[i] > before.Length || (Width > 0 && prefixes[i] + suffix.Length != Width))
                throw Short();
            grown += prefixes[i] + suffix.Length;
            if (grown > maxBytes)
                throw new InvalidDataException(
                    $"values that share their beginnings grow to more than {Counted.Of(maxBytes, "byte")}; {ColumnChunk.Allowed}");
            before = [.. before.AsSpan(0, (int)prefixes[i]), .. suffix];
            values[i] = convert(before);
        }
    }

    /// <summary>First bytes of all values, then second bytes, and so on.</summary>
    private void ReadSplit(ReadOnlySpan<byte> bytes, Span<T> values)
    {
        int width = Width;
        if (bytes.Length != (long)width * values.Length)
            throw Short();
        if (values.Length == 0)
            return; // no value bounds the width
        byte[] value = new byte[width];
        for (int i = 0; i < values.Length; i++)
        {
            for (int j = 0; j < width; j++)
                value[j] = bytes[j * values.Length + i];
            values[i] = convert(value);
        }
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> bytes, long count)
    {
        if (count < 0 || count > bytes.Length)
            throw Short();
        var taken = bytes[..(int)count];
        bytes = bytes[(int)count..];
        return taken;
    }

    private static InvalidDataException Short() => new("a page holds fewer or shorter values than its header claims");
}
