using System.Buffers.Binary;
using System.Security.Cryptography;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using Microsoft.Win32.SafeHandles;

namespace ClipDistributed.Data.ParquetFiles;

/// <summary>An open Parquet file: its footer, and its bytes by place. Reads may run beside each other.</summary>
/// <remarks>
/// Parquet.Net 6.1, which writes our shards, does not read them: it allocates what page headers claim, reads some REQUIRED
/// columns wrongly, and a schema nested 8,000 deep overflows its stack, which ends the process.
/// </remarks>
internal sealed class ParquetFile : IDisposable
{
    public const int MagicLength = 4;

    private const int SmallestFile = 12; // PAR1, an empty footer, its length, PAR1
    private const int MaxFooter = 128 << 20, MaxTail = 4096;

    private readonly FileStream stream;

    private ParquetFile(FileStream stream, long length, long dataLength, ParquetFooter footer) =>
        (this.stream, Length, DataLength, Footer) = (stream, length, dataLength, footer);

    public ParquetFooter Footer { get; }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; }

    /// <summary>Where the footer begins: pages lie before.</summary>
    public long DataLength { get; }

    /// <exception cref="InvalidDataException">No Parquet file, or one whose end or footer is damaged.</exception>
    /// <exception cref="IOException">The file cannot be read, or is a pipe or a device.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static ParquetFile Open(string path)
    {
        var stream = InputFile.OpenRegular(path, bufferSize: 0);
        try
        {
            long length = stream.Length;
            int footerLength = FooterLength(stream.SafeFileHandle, length);
            long dataLength = length - 2 * MagicLength - footerLength;
            return new ParquetFile(stream, length, dataLength, ReadFooter(stream, path, length, footerLength));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <exception cref="IOException">The file cannot be read, or has become shorter.</exception>
    public void Read(long position, Span<byte> buffer) => Read(stream.SafeFileHandle, position, buffer);

    public void Dispose() => stream.Dispose();

    private static ParquetFooter ReadFooter(FileStream stream, string path, long length, int footerLength)
    {
        long end = length - 2 * MagicLength;
        Span<byte> tail = stackalloc byte[Math.Min(footerLength, MaxTail)];
        Read(stream.SafeFileHandle, end - tail.Length, tail);
        var key = new FooterKey(
            path,
            length,
            File.GetLastWriteTimeUtc(stream.SafeFileHandle),
            BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(tail))
        );
        if (FooterCache.Find(key) is { } known)
            return known;
        byte[] bytes = new byte[footerLength];
        Read(stream.SafeFileHandle, end - footerLength, bytes);
        var footer = ParquetFooter.Read(bytes, length);
        FooterCache.Add(key, footer);
        return footer;
    }

    private static int FooterLength(SafeFileHandle handle, long length)
    {
        if (length < SmallestFile)
            throw new InvalidDataException($"no Parquet file: it has {Counted.Plain(length, "byte")}");
        Span<byte> frame = stackalloc byte[2 * MagicLength];
        Read(handle, 0, frame[..MagicLength]);
        if (!frame[..MagicLength].SequenceEqual("PAR1"u8))
            throw new InvalidDataException("no Parquet file: it does not begin with PAR1");
        Read(handle, length - frame.Length, frame);
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

    private static void Read(SafeFileHandle handle, long position, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            int count = RandomAccess.Read(handle, buffer, position);
            if (count == 0)
                throw new EndOfStreamException("the file became shorter while it was read");
            position += count;
            buffer = buffer[count..];
        }
    }
}
