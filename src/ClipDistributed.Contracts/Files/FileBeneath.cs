using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ClipDistributed.Contracts.Files;

/// <summary>
/// Files beneath a folder in which other users may have put something: no link below it is followed, not even one that takes a folder's
/// place while its name is looked at.
/// </summary>
public static partial class FileBeneath
{
    // <fcntl.h> and <errno.h> of Linux on x86-64.
    private const int Folder = 0x10000, NonBlocking = 0x800, NoFollow = 0x20000, CloseOnExec = 0x80000;
    private const int NoSuchFile = 2, SomethingThere = 17, NoFolder = 20, LinkFound = 40, CurrentFolder = -100;
    private const int AllUsers = 0x1FF; // 0777, less the process's umask

    /// <param name="root">Links on the way to it are followed.</param>
    /// <param name="names">Of the folders below it and of the file: none is empty, <c>.</c> or <c>..</c>, or has a slash.</param>
    /// <returns>Null: there is no such file, or a link, a folder or a pipe in its place.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public static FileStream? OpenToRead(string root, IReadOnlyList<string> names)
    {
        if (names.Count == 0 || names.Any(name => name is "" or "." or ".." || name.AsSpan().ContainsAny('/', '\0')))
            return null;
        var at = Open(null, root, Folder);
        try
        {
            for (int i = 0; at is not null; i++)
            {
                bool isFile = i == names.Count - 1;
                var next = Open(at, names[i], NoFollow | (isFile ? NonBlocking : Folder));
                at.Dispose();
                at = next;
                if (!isFile || at is null)
                    continue;
                return FileKinds.Of(at, out _) == FileKind.Regular ? Taken(ref at) : null;
            }
            return null;
        }
        finally
        {
            at?.Dispose();
        }
    }

    /// <summary>A folder, which stays the one that was opened whatever takes its name later.</summary>
    /// <param name="root">As of <see cref="OpenToRead"/>.</param>
    /// <param name="names">Of the folders below it, the last one's included; they are this program's own.</param>
    /// <param name="create">Those that are not there.</param>
    /// <returns>Null: there is no such folder, or something else, as a link, in the place of one.</returns>
    /// <exception cref="IOException">It cannot be opened or made.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not open or make it.</exception>
    public static SafeFileHandle? OpenFolder(string root, IReadOnlyList<string> names, bool create = false)
    {
        if (create)
            Directory.CreateDirectory(root);
        var at = Open(null, root, Folder);
        foreach (string name in names)
        {
            if (at is null)
                return null;
            try
            {
                if (create && mkdirat(at, name, AllUsers) < 0 && Marshal.GetLastPInvokeError() is not SomethingThere and var error)
                    throw Refused(name, error);
                var next = Open(at, name, NoFollow | Folder);
                at.Dispose();
                at = next;
            }
            catch
            {
                at?.Dispose();
                throw;
            }
        }
        return at;
    }

    /// <summary>A path to an open folder, for this process while it is open.</summary>
    public static string PathOf(SafeFileHandle folder) =>
        string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{folder.DangerousGetHandle()}/");

    private static FileStream Taken(ref SafeFileHandle? opened)
    {
        var file = new FileStream(opened!, FileAccess.Read, bufferSize: 0);
        opened = null;
        return file;
    }

    /// <param name="folder">Null: the current one.</param>
    private static SafeFileHandle? Open(SafeFileHandle? folder, string name, int flags)
    {
        int descriptor = folder is null ? openat(CurrentFolder, name, flags | CloseOnExec) : openat(folder, name, flags | CloseOnExec);
        if (descriptor >= 0)
            return new SafeFileHandle(descriptor, ownsHandle: true);
        int error = Marshal.GetLastPInvokeError();
        return error is NoSuchFile or NoFolder or LinkFound ? null : throw Refused(name, error);
    }

    private static Exception Refused(string name, int error) => error switch
    {
        1 or 13 => new UnauthorizedAccessException($"Access to '{name}' is denied."), // EPERM, EACCES
        _ => new IOException($"{name}: {Marshal.GetPInvokeErrorMessage(error)}", error),
    };

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int openat(SafeFileHandle folder, string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int openat(int folder, string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkdirat(SafeFileHandle folder, string path, int mode);
}
