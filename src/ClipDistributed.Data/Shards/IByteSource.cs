namespace ClipDistributed.Data.Shards;

/// <summary>
/// The bytes of one shard by place, wherever it lies: a local file, later also an object behind HTTP or S3. Reads may run beside each
/// other; they block, and belong to threads that may.
/// </summary>
public interface IByteSource : IDisposable
{
    /// <summary>Names it in messages, and is the key of what is remembered of it.</summary>
    string Path { get; }

    /// <summary>Bytes.</summary>
    long Length { get; }

    /// <summary>Changes with the bytes: of a file the time of its last change, of an object its ETag.</summary>
    string Version { get; }

    /// <summary>Fills the buffer.</summary>
    /// <exception cref="IOException">The bytes cannot be read, or there are fewer; the call may be repeated.</exception>
    void Read(long position, Span<byte> buffer);
}
