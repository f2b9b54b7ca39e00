using System.Runtime.InteropServices;

namespace ClipDistributed.Contracts.Files;

/// <summary>Writes that survive a power cut: contents reach the disk before the name does, and the name before we go on.</summary>
public static partial class DurableFile
{
    private const int ReadOnly = 0; // O_RDONLY

    /// <summary>Replaces a file in one step: a reader, or the next start, sees the old text or the new one.</summary>
    public static void WriteAllText(string path, string text)
    {
        string temporary = path + ".tmp";
        File.WriteAllText(temporary, text);
        Flush(temporary);
        File.Move(temporary, path, overwrite: true);
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Renames a complete folder; its files must have been flushed.</summary>
    public static void MoveFolder(string from, string to)
    {
        FlushFolder(from);
        Directory.Move(from, to);
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(to))!);
    }

    public static void Flush(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Flush(flushToDisk: true);
    }

    /// <summary>A folder's list of names is data too, and .NET opens no folders.</summary>
    private static void FlushFolder(string folder)
    {
        int descriptor = open(folder, ReadOnly);
        if (descriptor < 0)
            throw new IOException($"{folder} could not be opened (errno {Marshal.GetLastPInvokeError()}).");
        // Some file systems refuse to flush a folder (EINVAL); they offer no stronger promise.
        _ = fsync(descriptor);
        _ = close(descriptor);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);
}
