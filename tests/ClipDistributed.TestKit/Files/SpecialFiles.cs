using System.Runtime.InteropServices;

namespace ClipDistributed.TestKit.Files;

/// <summary>What .NET cannot make. Not by another process: a child that begins holds its parent's locks for a moment.</summary>
public static partial class SpecialFiles
{
    private const uint OwnerOnly = 0x180; // 0600
    private const uint Socket = 0xC000; // S_IFSOCK

    /// <summary>A FIFO: opening it for reading waits for a writer.</summary>
    public static void MakeFifo(string path) => Check(mkfifo(path, OwnerOnly), path);

    /// <summary>A socket without a listener.</summary>
    public static void MakeSocket(string path) => Check(mknod(path, Socket | OwnerOnly, 0), path);

    /// <summary>Another name of a file.</summary>
    public static void HardLink(string target, string path) => Check(link(target, path), path);

    /// <summary>It claims so many bytes and takes none of the disk.</summary>
    public static void Stretch(string path, long length)
    {
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write);
        file.SetLength(length);
    }

    private static void Check(int result, string path)
    {
        if (result != 0)
            throw new IOException($"{path}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkfifo(string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mknod(string path, uint mode, ulong device);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string target, string path);
}
