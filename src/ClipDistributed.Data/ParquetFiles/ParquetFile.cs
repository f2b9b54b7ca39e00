using System.Buffers.Binary;
using System.Security.Cryptography;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.ParquetFiles;

/// <summary>An open Parquet file: its footer, and its bytes by place. Reads may run beside each other.</summary>
/// <remarks>
/// Parquet.Net 6.1, which writes our shards, does not read them: it allocates what page headers claim, reads some REQUIRED
/// columns wrongly, and a schema nested 8,000 deep overflows its stack, which ends the process.
/// </remarks>
internal sealed class ParquetFile
{
    public const int MagicLength = 4;

    private const int SmallestFile = 12; // PAR1, an empty footer, its length, PAR1
    private const int MaxFooter = 128 << 20, MaxTail = 4096;

    private ParquetFile(IByteSource source, long dataLength, ParquetFooter footer) =>
        (Source, DataLength, Footer) = (source, dataLength, footer);

    public IByteSource Source { get; }

    public ParquetFooter Footer { get; }

    /// <summary>Where the footer begins: pages lie before.</summary>
    public long DataLength { get; }

    /// <param name="source">Stays the caller's.</param>
    /// <exception cref="InvalidDataException">No Parquet file, or one whose end or footer is damaged.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ParquetFile Open(IByteSource source)
    {
        int footerLength = FooterLength(source);
        return new ParquetFile(source, source.Length - 2 * MagicLength - footerLength, ReadFooter(source, footerLength));
    }

    /// <exception cref="IOException">The file cannot be read, or has become shorter.</exception>
    public void Read(long position, Span<byte> buffer) => Source.Read(position, buffer);

    private static ParquetFooter ReadFooter(IByteSource source, int footerLength)
    {
        long end = source.Length - 2 * MagicLength;
        Span<byte> tail = stackalloc byte[Math.Min(footerLength, MaxTail)];
        source.Read(end - tail.Length, tail);
        var key = new FooterKey(
            source.Path, source.Length, source.Version, BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(tail)));
        if (FooterCache.Find(key) is { } known)
            return known;
        byte[] bytes = new byte[footerLength];
        source.Read(end - footerLength, bytes);
        var footer = ParquetFooter.Read(bytes, source.Length);
        FooterCache.Add(key, footer);
        return footer;
    }

    private static int FooterLength(IByteSource source)
    {
        long length = source.Length;
        if (length < SmallestFile)
            throw new InvalidDataException($"not a Parquet file: it has {Counted.Plain(length, "byte")}");
        Span<byte> frame = stackalloc byte[2 * MagicLength];
        source.Read(0, frame[..MagicLength]);
        if (!frame[..MagicLength].SequenceEqual("PAR1"u8))
            throw new InvalidDataException("not a Parquet file: it does not begin with PAR1");
        source.Read(length - frame.Length, frame);
        if (frame[MagicLength..].SequenceEqual("PARE"u8))
            throw new InvalidDataException("its footer is encrypted, which is not read");
        if (!frame[MagicLength..].SequenceEqual("PAR1"u8))
            throw new InvalidDataException("its end is missing: it was not written or copied in full");
        int footerLength = BinaryPrimitives.ReadInt32LittleEndian(frame);
        if (footerLength <= 0 || footerLength > length - SmallestFile)
            throw new InvalidDataException("the footer is damaged");
        if (footerLength > MaxFooter)
            throw new InvalidDataException($"its footer has {Counted.Of(footerLength, "byte")}; up to {MaxFooter:N0} are read");
        return footerLength;
    }
}
