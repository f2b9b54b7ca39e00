using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Tars;

/// <summary>Reads small pieces that follow each other, several at once.</summary>
/// <param name="size">Bytes that are read ahead.</param>
internal sealed class SourceWindow(IByteSource source, int size)
{
    private readonly byte[] buffer = new byte[size];
    private long start;
    private int count;

    /// <param name="position">With the buffer's length within the source.</param>
    public void Read(long position, Span<byte> wanted)
    {
        if (wanted.Length > buffer.Length / 2)
        {
            source.Read(position, wanted);
            return;
        }
        if (position < start || position + wanted.Length > start + count)
        {
            (start, count) = (position, (int)Math.Min(buffer.Length, source.Length - position));
            try
            {
                source.Read(start, buffer.AsSpan(0, count));
            }
            catch
            {
                count = 0; // the next try reads them again
                throw;
            }
        }
        buffer.AsSpan((int)(position - start), wanted.Length).CopyTo(wanted);
    }
}
