using System.IO.Compression;
using ClipDistributed.Contracts.Errors;
using K4os.Compression.LZ4;
using Snappier;
using ZstdSharp;

namespace ClipDistributed.Data.ParquetFiles;

/// <summary>The compressions of pages that are read; numbers as in parquet.thrift.</summary>
internal enum Compression
{
    Uncompressed = 0,
    Snappy = 1,
    Gzip = 2,
    Brotli = 4,
    Zstd = 6,
    Lz4Raw = 7,
}

/// <summary>Undoes the compression of a page.</summary>
internal static class Decompression
{
    /// <param name="codec">How it is compressed.</param>
    /// <param name="packed">Holds the page as it is in the file.</param>
    /// <param name="packedStart">Where it begins.</param>
    /// <param name="packedLength">Its bytes.</param>
    /// <param name="target">Exactly as long as the page must be; nothing is allocated by what the page claims.</param>
    /// <exception cref="InvalidDataException">The page is damaged, or has another length.</exception>
    public static void Run(Compression codec, byte[] packed, int packedStart, int packedLength, Span<byte> target)
    {
        if (target.Length == 0)
            return; // a page of nulls: some writers compress the nothing, others leave it out
        var source = packed.AsSpan(packedStart, packedLength);
        int written = codec switch
        {
            Compression.Snappy => OfSnappy(source, target),
            Compression.Gzip => OfGzip(packed, packedStart, packedLength, target),
            Compression.Brotli => BrotliDecoder.TryDecompress(source, target, out int count) ? count : -1,
            Compression.Zstd => OfZstd(source, target),
            Compression.Lz4Raw => LZ4Codec.Decode(source, target),
            _ => Copy(source, target),
        };
        if (written != target.Length)
            throw new InvalidDataException(
                $"a page that is compressed with {codec} does not give the {Counted.Of(target.Length, "byte")} that its header claims");
    }

    private static int Copy(ReadOnlySpan<byte> source, Span<byte> target)
    {
        if (source.Length != target.Length)
            return -1;
        source.CopyTo(target);
        return target.Length;
    }

    private static int OfSnappy(ReadOnlySpan<byte> source, Span<byte> target)
    {
        try
        {
            return Snappy.GetUncompressedLength(source) == target.Length ? Snappy.Decompress(source, target) : -1;
        }
        catch (ArgumentException wrong) // Snappier's word for bytes beyond the target
        {
            throw new InvalidDataException($"a page is not Snappy data: {wrong.Message.ReplaceLineEndings(" ")}", wrong);
        }
    }

    private static int OfZstd(ReadOnlySpan<byte> source, Span<byte> target)
    {
        try
        {
            using var decompressor = new Decompressor();
            return decompressor.Unwrap(source, target);
        }
        catch (ZstdException wrong)
        {
            throw new InvalidDataException($"a page is not Zstandard data: {wrong.Message}", wrong);
        }
    }

    private static int OfGzip(byte[] packed, int start, int length, Span<byte> target)
    {
        using var stream = new GZipStream(new MemoryStream(packed, start, length, writable: false), CompressionMode.Decompress);
        int count = stream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
        return count == target.Length && stream.ReadByte() < 0 ? count : -1;
    }
}
