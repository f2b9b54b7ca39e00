using System.Text;
using ClipDistributed.Contracts.Errors;
using Microsoft.Win32.SafeHandles;

namespace ClipDistributed.Contracts.Files;

/// <summary>
/// Opens and reads the files that a user names. Only regular files are opened: a FIFO would wait for its writer, a device may never
/// end. What is read whole has a size that it may not exceed; a pipe, where one will do, a time as well.
/// </summary>
public static class InputFile
{
    /// <summary>How long a pipe may take to end.</summary>
    public static readonly TimeSpan PipeTime = TimeSpan.FromSeconds(5);

    private const int LineLimit = 1 << 20;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="key">The option or field that names the file; begins the error. Null: the path does.</param>
    /// <exception cref="BadInputException">No regular file, or it may not be read.</exception>
    public static FileStream Open(string path, string? key = null, int bufferSize = 4096)
    {
        try
        {
            return OpenRegular(path, bufferSize);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw Refused(path, key, refused.Message);
        }
    }

    /// <summary>For readers to which a file that has gone is another case than one that was never good.</summary>
    /// <param name="named">The error begins with the path; else the caller names it.</param>
    /// <exception cref="IOException">No regular file; <see cref="FileNotFoundException"/> where there is nothing.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static FileStream OpenRegular(string path, int bufferSize = 4096, bool named = false)
    {
        if (FileKinds.Of(path) is var kind && kind != FileKind.Regular) // some devices do something when they are opened
            throw NotRegular(kind);
        var opened = Descriptor();
        try
        {
            return FileKinds.Of(opened, out _) is var found && found == FileKind.Regular
                ? new FileStream(opened, FileAccess.Read, bufferSize)
                : throw NotRegular(found);
        }
        catch
        {
            opened.Dispose();
            throw;
        }

        SafeFileHandle Descriptor()
        {
            try
            {
                return GuardedFile.OpenToRead(path) ?? throw NotRegular(FileKind.Missing);
            }
            catch (UnauthorizedAccessException)
            {
                throw NotRegular(FileKind.Denied);
            }
        }

        Exception NotRegular(FileKind found)
        {
            string begin = named ? $"{Shown(path)} " : "";
            return found switch
            {
                FileKind.Missing => new FileNotFoundException(begin + found.Words(), path),
                FileKind.Denied => new UnauthorizedAccessException(begin + found.Words()),
                _ => new IOException($"{begin}{found.Words()}; only a regular file can be read here"),
            };
        }
    }

    /// <param name="limit">Bytes at most.</param>
    /// <param name="pipe">A pipe will do: the file is read once, by this process.</param>
    /// <param name="pipeTime">In which a pipe must end; null: <see cref="PipeTime"/>.</param>
    /// <exception cref="BadInputException">As <see cref="Open"/>; or it is larger than the limit, or a pipe without an end.</exception>
    public static byte[] ReadBytes(string path, string? key, long limit, bool pipe = false, TimeSpan? pipeTime = null)
    {
        if (pipe && FileKinds.Of(path) == FileKind.Pipe)
            return ReadPipe(path, key, limit, pipeTime ?? PipeTime);
        using var file = Open(path, key, bufferSize: 1);
        if (file.Length > limit)
            throw TooLarge(path, key, file.Length, limit);
        return ReadToEnd(file, path, key, limit);
    }

    /// <summary>UTF-8, or UTF-16 with its mark.</summary>
    /// <exception cref="BadInputException">As <see cref="ReadBytes"/>; or it is not text.</exception>
    public static string ReadText(string path, string? key, long limit, bool pipe = false, TimeSpan? pipeTime = null)
    {
        using var text = new StreamReader(new MemoryStream(ReadBytes(path, key, limit, pipe, pipeTime)), Strict);
        try
        {
            string read = text.ReadToEnd();
            return read.Contains('\0', StringComparison.Ordinal) ? throw NoText(path, key, "it has NUL characters") : read;
        }
        catch (DecoderFallbackException)
        {
            throw NoText(path, key, "it has bytes that are not UTF-8");
        }
    }

    /// <summary>Line by line, of a file of any size; no line has more than a million characters.</summary>
    /// <exception cref="BadInputException">As <see cref="Open"/>; or it is not text.</exception>
    public static IEnumerable<string> ReadLines(string path, string? key = null)
    {
        using var file = Open(path, key);
        using var text = new StreamReader(file, Strict);
        var line = new StringBuilder();
        char[] read = new char[4096];
        int count;
        bool carriage = false, begun = false;
        while ((count = Next()) > 0)
        {
            for (int i = 0; i < count; i++)
            {
                char at = read[i];
                bool second = at == '\n' && carriage; // of CR LF
                carriage = at == '\r';
                if (second)
                    continue;
                if (at is '\n' or '\r')
                {
                    yield return line.ToString();
                    line.Clear();
                    begun = false;
                    continue;
                }
                if (at == '\0')
                    throw NoText(path, key, "it has NUL characters");
                if (line.Length == LineLimit)
                    throw NoText(path, key, $"it has a line of more than {LineLimit} characters");
                line.Append(at);
                begun = true;
            }
        }
        if (begun)
            yield return line.ToString();

        int Next()
        {
            try
            {
                return text.Read(read);
            }
            catch (DecoderFallbackException)
            {
                throw NoText(path, key, "it has bytes that are not UTF-8");
            }
        }
    }

    /// <summary>Opening and reading may each wait for the other end, and neither can be ended; the thread is left behind.</summary>
    private static byte[] ReadPipe(string path, string? key, long limit, TimeSpan time)
    {
        byte[]? read = null;
        Exception? failure = null;
        var reader = new Thread(() =>
        {
            try
            {
                using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1);
                read = ReadToEnd(file, path, key, limit);
            }
            catch (Exception wrong) when (wrong is BadInputException or IOException or UnauthorizedAccessException)
            {
                failure = wrong as BadInputException ?? Refused(path, key, wrong.Message);
            }
        }) { IsBackground = true };
        reader.Start();
        if (!reader.Join(time))
            throw Refused(path, key, $"is a pipe that did not end within {time.TotalSeconds:0.##} s; write it into a file first");
        return read ?? throw failure!;
    }

    private static byte[] ReadToEnd(Stream file, string path, string? key, long limit)
    {
        using var read = new MemoryStream();
        byte[] piece = new byte[1 << 16];
        int count;
        while ((count = file.Read(piece)) > 0)
        {
            if (read.Length + count > limit)
                throw TooLarge(path, key, null, limit);
            read.Write(piece, 0, count);
        }
        return read.ToArray();
    }

    private static BadInputException TooLarge(string path, string? key, long? bytes, long limit) =>
        Refused(
            path,
            key,
            $"has {(bytes is { } size ? $"{Counted.Of(size, "byte")}" : "no end within the limit")}; at most "
                + $"{Counted.Of(limit, "byte")} are read"
        );

    private static BadInputException NoText(string path, string? key, string why) =>
        Refused(path, key, $"is not a text file in UTF-8: {why}");

    private static BadInputException Refused(string path, string? key, string what) =>
        new($"{(key is null ? "" : $"{key}: ")}{Shown(path)} {what}.");

    private static string Shown(string path) => path.Replace("\0", "\\0", StringComparison.Ordinal);
}
