using System.Globalization;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Data.Shards;

/// <summary>A shard that is a file of this machine, or of a file system that it mounts.</summary>
public sealed class FileSource : IByteSource
{
    private readonly FileStream stream;

    private FileSource(FileStream stream, string path, long length, string version) =>
        (this.stream, Path, Length, Version) = (stream, path, length, version);

    public string Path { get; }

    public long Length { get; }

    public string Version { get; }

    /// <exception cref="IOException">The file cannot be read, or is a pipe or a device.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static FileSource Open(string path)
    {
        var stream = InputFile.OpenRegular(path, bufferSize: 0);
        try
        {
            return new FileSource(stream, path, stream.Length, VersionOf(File.GetLastWriteTimeUtc(stream.SafeFileHandle)));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>What <see cref="Version"/> says of a file that was last changed then.</summary>
    public static string VersionOf(DateTime changed) => changed.Ticks.ToString(CultureInfo.InvariantCulture);

    public void Read(long position, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            int count = RandomAccess.Read(stream.SafeFileHandle, buffer, position);
            if (count == 0)
                throw new EndOfStreamException("the file became shorter while it was read");
            position += count;
            buffer = buffer[count..];
        }
    }

    public void Dispose() => stream.Dispose();
}
