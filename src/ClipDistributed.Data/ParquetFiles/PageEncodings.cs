namespace ClipDistributed.Data.ParquetFiles;

/// <summary>Numbers of the encodings in parquet.thrift.</summary>
internal static class PageEncodings
{
    public const int Plain = 0, PlainDictionary = 2, Rle = 3, BitPacked = 4, DeltaBinaryPacked = 5, DeltaLengthByteArray = 6,
        DeltaByteArray = 7;
    public const int RleDictionary = 8, ByteStreamSplit = 9;

    /// <summary>Bit e: encoding e. RLE and the old BIT_PACKED are named for the levels.</summary>
    public const ulong Known = 0b11_1111_1101;

    public const string Names =
        "PLAIN, dictionaries, RLE, DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY and " + "BYTE_STREAM_SPLIT";
}
