using System.Text;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Runs;

/// <summary>The file .writer: who took the lock of a run directory last. It is small, whatever has been put in its place.</summary>
public static class WriterFile
{
    private const int MaxBytes = 4096; // what is written is far shorter

    /// <exception cref="IOException">It is missing, no file, or cannot be read; the message names it.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static string Read(RunDirectory directory)
    {
        using var file = InputFile.OpenRegular(directory.Writer, bufferSize: 1, named: true);
        byte[] bytes = new byte[MaxBytes];
        return Encoding.UTF8.GetString(bytes, 0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
    }

    /// <summary>The claim of the process that it names; null: there is none, or that process had none.</summary>
    /// <inheritdoc cref="Read"/>
    public static WriterClaim? Claim(RunDirectory directory) =>
        FileKinds.Of(directory.Writer) == FileKind.Missing ? null : WriterClaim.TryParse(FirstLine(Read(directory)));

    private static string FirstLine(string text) => text.Split('\n')[0].Trim();
}
