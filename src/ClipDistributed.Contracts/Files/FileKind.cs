using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ClipDistributed.Contracts.Files;

/// <summary>What a path leads to, links followed.</summary>
public enum FileKind
{
    /// <summary>Nothing, or a link to nothing.</summary>
    Missing,

    /// <summary>A folder on the way may not be searched.</summary>
    Denied,

    Regular,
    Folder,

    /// <summary>Named or not: opening it for reading waits for a writer.</summary>
    Pipe,

    Socket,

    /// <summary>A terminal, a disk, /dev/zero.</summary>
    Device,
}

/// <summary>Asks the kernel, without opening anything: .NET opens a FIFO to find out what it is, and waits.</summary>
public static partial class FileKinds
{
    private const int CurrentFolder = -100, AccessDenied = 13; // AT_FDCWD, EACCES
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH: the descriptor itself
    private const uint TypeAndLinks = 1 | 4; // STATX_TYPE, STATX_NLINK
    // struct statx: stx_mask, stx_blksize, stx_attributes, stx_nlink, stx_uid, stx_gid; the same on every processor
    private const int LinksOffset = 16, ModeOffset = 28;

    public static FileKind Of(string path)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
            return FileKind.Missing;
        Span<byte> found = stackalloc byte[256];
        if (statx(CurrentFolder, path, 0, TypeAndLinks, ref MemoryMarshal.GetReference(found)) != 0)
            return Marshal.GetLastPInvokeError() == AccessDenied ? FileKind.Denied : FileKind.Missing;
        return KindIn(found);
    }

    /// <summary>What was opened: between a look at its path and its opening another may have been put there.</summary>
    /// <param name="names">Its hard links.</param>
    internal static FileKind Of(SafeFileHandle opened, out uint names)
    {
        Span<byte> found = stackalloc byte[256];
        found.Clear();
        if (statx(opened, "", EmptyPath, TypeAndLinks, ref MemoryMarshal.GetReference(found)) != 0)
            throw new IOException($"What was opened cannot be looked at: {Marshal.GetLastPInvokeErrorMessage()}");
        names = BitConverter.ToUInt32(found[LinksOffset..]);
        return KindIn(found);
    }

    /// <summary>As a sentence has it: "is a pipe".</summary>
    public static string Words(this FileKind kind) => kind switch
    {
        FileKind.Missing => "does not exist",
        FileKind.Denied => "may not be read (no permission)",
        FileKind.Folder => "is a folder",
        FileKind.Pipe => "is a pipe (FIFO)",
        FileKind.Socket => "is a socket",
        FileKind.Device => "is a device",
        _ => "is a file",
    };

    private static FileKind KindIn(ReadOnlySpan<byte> found) => (BitConverter.ToUInt16(found[ModeOffset..]) & 0xF000) switch
    {
        0x8000 => FileKind.Regular,
        0x4000 => FileKind.Folder,
        0x1000 => FileKind.Pipe,
        0xC000 => FileKind.Socket,
        _ => FileKind.Device,
    };

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(SafeFileHandle opened, string path, int flags, uint mask, ref byte found);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, ref byte found);
}
