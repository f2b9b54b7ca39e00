namespace ClipDistributed.Model.Safetensors;

/// <summary>Numbers of a file from a machine of the other byte order.</summary>
/// <param name="size">Bytes of a number; every read must be for whole numbers.</param>
internal sealed class SwappedStream(Stream inner, int size) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int whole = inner.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) / size * size;
        for (int at = 0; at < whole; at += size)
            buffer.Slice(at, size).Reverse();
        return whole;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
