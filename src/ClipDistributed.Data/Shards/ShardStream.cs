using System.Buffers.Binary;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Data.Shards;

/// <summary>
/// A shard's file as Parquet.Net reads it. It remembers whether reading failed, which tells a fault of disk or network
/// from bytes that are wrong, and it throws at the file's end, where Parquet.Net would go on for ever.
/// </summary>
internal sealed class ShardStream(string path) : Stream
{
    private const int SmallestFile = 12; // PAR1, an empty footer, its length, PAR1

    private readonly FileStream file = InputFile.OpenRegular(path, bufferSize: 16384);

    /// <summary>The file system refused to read: what follows says nothing about the bytes.</summary>
    public bool ReadFailed { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => file.Length;

    public override long Position
    {
        get => file.Position;
        set => file.Position = value;
    }

    /// <exception cref="InvalidDataException">No Parquet file, or one whose end or footer is damaged.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public void ThrowIfNotParquet()
    {
        if (Length < SmallestFile)
            throw new InvalidDataException($"no Parquet file: it has {Length} bytes");
        Span<byte> frame = stackalloc byte[8];
        file.ReadExactly(frame[..4]);
        if (!frame[..4].SequenceEqual("PAR1"u8))
            throw new InvalidDataException("no Parquet file: it does not begin with PAR1");
        file.Position = Length - frame.Length;
        file.ReadExactly(frame);
        if (!frame[4..].SequenceEqual("PAR1"u8))
            throw new InvalidDataException("its end is missing: it was not written or copied in full");
        int footerLength = BinaryPrimitives.ReadInt32LittleEndian(frame);
        if (footerLength <= 0 || footerLength > Length - SmallestFile)
            throw new InvalidDataException("the footer is damaged");
        var footer = new byte[footerLength];
        file.Position = Length - frame.Length - footerLength;
        file.ReadExactly(footer);
        FooterShape.ThrowIfBroken(footer);
    }

    public override int Read(Span<byte> buffer)
    {
        int count;
        try
        {
            count = file.Read(buffer);
        }
        catch (IOException)
        {
            ReadFailed = true;
            throw;
        }
        return count > 0 || buffer.Length == 0 ? count : throw new InvalidDataException("it points behind the file's end");
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    // Reading runs in the background as a whole; a hop to another thread for each page would only cost time.
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancel = default) =>
        cancel.IsCancellationRequested ? ValueTask.FromCanceled<int>(cancel) : new(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancel) =>
        ReadAsync(buffer.AsMemory(offset, count), cancel).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            file.Dispose();
        base.Dispose(disposing);
    }
}
