using System.Text;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Contracts.Files;

/// <summary>Files that hold a secret on their first line, for their owner alone.</summary>
public static class SecretFile
{
    private const int MaxBytes = 1 << 16;

    /// <summary>Makes or replaces a file in one step; where that is a symbolic link, the link itself.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write it.</exception>
    public static void Write(string path, string secret)
    {
        string temporary = GuardedFile.TemporaryName(path);
        try
        {
            using (var file = GuardedFile.CreateNew(temporary))
            {
                file.Write(Encoding.UTF8.GetBytes($"{secret}\n"));
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <returns>Null: there is no such file.</returns>
    /// <exception cref="IOException">It is not a regular file, is too large, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public static string? TryRead(string path)
    {
        try
        {
            using var file = InputFile.OpenRegular(path, named: true);
            if (file.Length > MaxBytes)
                throw new IOException($"{path} has {Counted.Of(file.Length, "byte")}, and a secret has fewer than {MaxBytes:N0}");
            using var reader = new StreamReader(file, Encoding.UTF8);
            return reader.ReadLine()?.Trim() ?? "";
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
