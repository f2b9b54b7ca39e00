using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.ParquetFiles;

/// <summary>Where the pages of one column of one row group lie, and how they are written.</summary>
/// <param name="Codec">Number of the compression.</param>
/// <param name="Encodings">Bit e: encoding e occurs; bit 63: one that is beyond.</param>
/// <param name="Values">Values of all pages, nulls included.</param>
/// <param name="Uncompressed">Bytes of all pages with their headers, as claimed.</param>
/// <param name="Compressed">The same in the file.</param>
/// <param name="Start">Where the first page lies in the file.</param>
internal readonly record struct ColumnChunk(int Codec, ulong Encodings, long Values, long Uncompressed, long Compressed, long Start)
{
    private const long FreeBytes = 64 << 20, FreeBytesOfFile = 512 << 20;
    private const int MaxRatio = 256, MaxLargeRatio = 8;

    /// <summary>What <see cref="MaxUncompressed"/> allows, for a message.</summary>
    public const string Allowed = "that is more than such pages grow to; write it again with smaller row groups, or less compressed";

    /// <summary>
    /// Bytes that pages may grow to. Zstandard and Brotli could make gigabytes from a kilobyte; encoded images hardly shrink,
    /// and captions that shrink more than this fit into the part that is always allowed. All chunks of a column together grow to 512 MiB
    /// or 256 times the file, whatever its row groups are.
    /// </summary>
    /// <param name="groups">Row groups of the file, which share what is always allowed.</param>
    public static long MaxUncompressed(long compressed, int groups)
    {
        if (compressed > long.MaxValue / MaxRatio)
            return long.MaxValue;
        long free = Math.Min(FreeBytes, FreeBytesOfFile / Math.Max(1, groups));
        return Math.Max(free, Math.Min(compressed * MaxRatio, compressed * MaxLargeRatio + FreeBytes));
    }

    /// <summary>
    /// What this program cannot read about the column, by its footer, which a damaged page leaves as it was; null: nothing.
    /// </summary>
    public string? Unsupported =>
        !Enum.IsDefined((Compression)Codec)
            ? $"the compression {CodecName(Codec)}; this program reads " + $"{string.Join(", ", Enum.GetNames<Compression>())}"
        : (Encodings & ~PageEncodings.Known) != 0 ? $"encodings that this program does not know; it reads {PageEncodings.Names}"
        : null;

    /// <exception cref="InvalidDataException">No chunk, or one whose pages lie in another file.</exception>
    public static ColumnChunk Read(ref CompactReader reader)
    {
        ColumnChunk? chunk = null;
        int id = 0;
        while (reader.NextField(ref id, out int type))
        {
            if (id == 1 && reader.TakeText(type) is { Length: > 0 } other)
                throw new InvalidDataException($"its columns lie in another file ({FileWords.Of(other)})");
            if (id == 3 && type == CompactReader.Struct)
                chunk = ReadMetadata(ref reader);
            else if (id != 1)
                reader.Skip(type);
        }
        return chunk ?? throw new InvalidDataException("a column has no description; encrypted columns are not read");
    }

    private static ColumnChunk ReadMetadata(ref CompactReader reader)
    {
        long? codec = null, values = null, uncompressed = null, compressed = null;
        long start = long.MaxValue;
        ulong encodings = 0;
        int id = 0;
        while (reader.NextField(ref id, out int type))
        {
            switch (id)
            {
                case 2:
                    int count = reader.TakeListLength(type, out int elementType);
                    for (int i = 0; i < count; i++)
                        encodings |= 1ul << (int)Math.Clamp((uint)reader.TakeInteger(elementType), 0, 63);
                    break;
                case 4:
                    codec = reader.TakeInt32(type);
                    break;
                case 5:
                    values = reader.TakeInteger(type);
                    break;
                case 6:
                    uncompressed = reader.TakeInteger(type);
                    break;
                case 7:
                    compressed = reader.TakeInteger(type);
                    break;
                case 9 or 10 or 11: // data, index and dictionary pages; writers that have none of a kind say 0
                    long offset = reader.TakeInteger(type);
                    start = offset == 0 ? start : Math.Min(start, offset);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }
        return codec is null || values is null || uncompressed is null || compressed is null || start == long.MaxValue
            ? throw new InvalidDataException("the description of a column is not complete")
            : new ColumnChunk((int)codec, encodings, values.Value, uncompressed.Value, compressed.Value, start);
    }

    private static string CodecName(int codec) => codec switch
    {
        3 => "LZO",
        5 => "LZ4 (the old form)",
        _ => $"{codec}",
    };
}
