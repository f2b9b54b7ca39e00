using Parquet;
using Parquet.Meta;
using Parquet.Meta.Proto;
using ZstdSharp;

namespace ClipDistributed.Data.Shards;

/// <summary>What a failure of Parquet.Net says about the file.</summary>
internal static class ReadFault
{
    private static readonly CompressionCodec[] KnownCodecs =
        [CompressionCodec.UNCOMPRESSED, CompressionCodec.SNAPPY, CompressionCodec.GZIP, CompressionCodec.BROTLI, CompressionCodec.ZSTD, CompressionCodec.LZ4_RAW];

    /// <summary>
    /// True for what damaged bytes made Parquet.Net 6.1 throw when random bytes were overwritten: it checks few of the
    /// numbers in a page header before it uses them. A page type or encoding that it does not know is thrown the same way.
    /// </summary>
    public static bool IsOfTheBytes(Exception e) => e
        is InvalidDataException or EndOfStreamException or ParquetException or ThriftProtocolException or ZstdException or NotSupportedException or NotImplementedException
        or ArgumentException or IndexOutOfRangeException or InvalidOperationException or NullReferenceException
        or OverflowException or InvalidCastException;

    /// <summary>What this program cannot read about a column, by its footer, which a damaged page leaves as it was; null: nothing.</summary>
    public static string? Unsupported(ColumnMetaData column)
    {
        if (!KnownCodecs.Contains(column.Codec))
            return $"the compression {column.Codec}; this program reads {string.Join(", ", KnownCodecs)}";
        return column.Encodings.Any(encoding => !Enum.IsDefined(encoding))
            ? $"the encodings {string.Join(", ", column.Encodings)}; this program reads {string.Join(", ", Enum.GetNames<Encoding>())}"
            : null;
    }
}
