using System.Text;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Runs;

/// <summary>The lines of a run's files, read one at a time, while the run may still be adding some.</summary>
public static class RunLines
{
    private const int MaxLine = 1 << 20, MaxStretch = 64 << 20;

    /// <returns>
    /// In the order of the file, without empty lines; null for one that is not a line of this kind: torn, or longer than any.
    /// </returns>
    /// <exception cref="BadInputException">It is not a regular file, may not be read, or has a line without an end.</exception>
    /// <exception cref="IOException">The disk fails.</exception>
    public static IEnumerable<string?> Read(string path)
    {
        using var file = Open(path);
        foreach (var line in Walk(file, path, 0))
        {
            if (line.Text != "")
                yield return line.Text;
        }
    }

    /// <summary>From a place of an open file on, which may lie amid a line.</summary>
    /// <returns>Also empty ones, and at the end what no line end follows.</returns>
    /// <inheritdoc cref="Read"/>
    public static IEnumerable<(string? Text, long End, bool IsEnded)> Walk(FileStream file, string path, long start)
    {
        byte[] piece = new byte[1 << 16];
        using var line = new MemoryStream();
        long at = start, length = 0; // of the line so far
        file.Seek(start, SeekOrigin.Begin);
        for (int count; (count = ReadSome(file, path, piece)) > 0;)
        {
            int from = 0;
            for (int end; (end = piece.AsSpan(from, count - from).IndexOf((byte)'\n')) >= 0; from += end + 1)
            {
                Keep(piece.AsSpan(from, end));
                at++;
                yield return (Take(), at, true);
            }
            Keep(piece.AsSpan(from, count - from));
        }
        if (length > 0)
            yield return (Take(), at, false);

        void Keep(ReadOnlySpan<byte> bytes)
        {
            at += bytes.Length;
            length += bytes.Length;
            if (length > MaxStretch) // what a full disk or a sparse copy leaves: zeros to the end
                throw new BadInputException(
                    $"{path} is damaged (no line ends in the {MaxStretch >> 20} MiB after byte {at - length:N0}); restore it, or cut it "
                        + $"off there."
                );
            if (length <= MaxLine)
                line.Write(bytes);
        }

        string? Take()
        {
            string? text = length > MaxLine ? null : Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length).Trim();
            line.SetLength(0);
            length = 0;
            return text;
        }
    }

    private static FileStream Open(string path)
    {
        try
        {
            return InputFile.OpenRegular(path, bufferSize: 1, named: true);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{refused.Message}.");
        }
    }

    private static int ReadSome(FileStream file, string path, byte[] piece)
    {
        try
        {
            return file.Read(piece);
        }
        catch (IOException failed)
        {
            throw new IOException($"{path} cannot be read: {failed.Message}", failed); // a disk's error names no file
        }
    }
}
