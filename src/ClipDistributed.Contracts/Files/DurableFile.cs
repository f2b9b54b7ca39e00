using System.Runtime.InteropServices;
using System.Text;

namespace ClipDistributed.Contracts.Files;

/// <summary>
/// Writes that survive a power cut: contents reach the disk before the name does, and the name before we go on. Until then its
/// owner alone reads what is written, under a name that no other process can foresee.
/// </summary>
public static partial class DurableFile
{
    private const int ReadOnly = 0, DirectoryOnly = 0x10000, NoFollow = 0x20000; // O_RDONLY, O_DIRECTORY, O_NOFOLLOW on x86-64

    // 0777 less the umask of this process.
    private static readonly int FolderMode = 0x1FF & ~ReadUmask();

    private static readonly int PlainMode = FolderMode & 0x1B6; // no file here is a program

    /// <summary>Replaces a file in one step: a reader, or the next start, sees the old text or the new one.</summary>
    public static void WriteAllText(string path, string text) => Write(path, file => file.Write(Encoding.UTF8.GetBytes(text)));

    /// <inheritdoc cref="WriteAllText"/>
    public static void WriteAllBytes(string path, byte[] bytes) => Write(path, file => file.Write(bytes));

    /// <summary>Replaces a file in one step; where that is a symbolic link, the link itself.</summary>
    /// <param name="write">Where it fails the old file stays.</param>
    public static void Write(string path, Action<Stream> write)
    {
        string temporary = GuardedFile.TemporaryName(path);
        try
        {
            using (var file = GuardedFile.CreateNew(temporary))
            {
                write(file);
                file.Flush(flushToDisk: true);
                _ = fchmod((int)file.SafeFileHandle.DangerousGetHandle(), PlainMode); // some file systems have no modes
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary); // the next try needs the room
            throw;
        }
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Renames a complete folder, into which others may look from then on; its files must have been flushed.</summary>
    public static void MoveFolder(string from, string to)
    {
        FlushFolder(from, isOpened: true);
        Directory.Move(from, to);
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(to))!);
    }

    /// <summary>Puts a complete file into the place of another one, or of none, on the same disk.</summary>
    public static void Replace(string from, string path)
    {
        Flush(from);
        File.Move(from, path, overwrite: true);
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    public static void Flush(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Flush(flushToDisk: true);
    }

    /// <summary>A folder's list of names is data too, and .NET opens no folders.</summary>
    /// <param name="isOpened">Its owner was alone with it.</param>
    private static void FlushFolder(string folder, bool isOpened = false)
    {
        int descriptor = open(folder, ReadOnly | (isOpened ? DirectoryOnly | NoFollow : 0));
        if (descriptor < 0)
            throw new IOException($"{folder} could not be opened (errno {Marshal.GetLastPInvokeError()}).");
        if (isOpened)
            _ = fchmod(descriptor, FolderMode);
        // Some file systems refuse to flush a folder (EINVAL); they offer no stronger promise.
        _ = fsync(descriptor);
        _ = close(descriptor);
    }

    /// <summary>Without setting it, which other threads would see.</summary>
    private static int ReadUmask()
    {
        const string Key = "Umask:";
        string? line = File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(Key, StringComparison.Ordinal));
        return line is null ? 0x12 : Convert.ToInt32(line[Key.Length..].Trim(), 8); // 022 where the kernel does not say
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchmod(int descriptor, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);
}
