using System.Text;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Runs;

/// <summary>The lines of a run's files, read one at a time, while the run may still be adding some.</summary>
public static class RunLines
{
    private const int MaxLine = 1 << 20;

    /// <returns>
    /// In the order of the file, without empty lines; null for one that is no line of this kind: torn, or longer than any.
    /// </returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IEnumerable<string?> Read(string path)
    {
        using var file = InputFile.OpenRegular(path, bufferSize: 1);
        byte[] piece = new byte[1 << 16];
        using var line = new MemoryStream();
        bool isTooLong = false;
        for (int count; (count = file.Read(piece)) > 0;)
        {
            int from = 0;
            for (int end; (end = piece.AsSpan(from, count - from).IndexOf((byte)'\n')) >= 0; from += end + 1)
            {
                Keep(piece.AsSpan(from, end));
                if (Take() is var (text, isLine) && isLine)
                    yield return text;
            }
            Keep(piece.AsSpan(from, count - from));
        }
        if (Take() is var (last, isLast) && isLast)
            yield return last;

        void Keep(ReadOnlySpan<byte> bytes)
        {
            isTooLong |= line.Length + bytes.Length > MaxLine;
            if (!isTooLong)
                line.Write(bytes);
        }

        (string? Text, bool IsLine) Take()
        {
            string text = Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length).Trim();
            (string?, bool) taken = isTooLong ? (null, true) : (text, text != "");
            line.SetLength(0);
            isTooLong = false;
            return taken;
        }
    }
}
