using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ClipDistributed.Contracts.Files;

/// <summary>
/// Files in folders where other users may have put something: what is written is a file that this process made, or a plain file
/// that lay there under no other name, never what a link leads to.
/// </summary>
public static partial class GuardedFile
{
    /// <summary>Its owner alone reads and writes it.</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Its owner alone looks into it.</summary>
    public const UnixFileMode OwnerOnlyFolder = OwnerOnly | UnixFileMode.UserExecute;

    /// <summary>What the lock of another process gives, as <see cref="Exception.HResult"/>: EWOULDBLOCK.</summary>
    public const int Locked = 11;

    /// <summary>
    /// Patience for a lock that this process held a moment ago: a child that it starts has its files, locks included, from fork to exec.
    /// </summary>
    public static readonly TimeSpan ForkTime = TimeSpan.FromMilliseconds(500);

    // <fcntl.h> and <errno.h> of Linux on x86-64.
    private const int ReadOnly = 0, ReadWrite = 0x2, Create = 0x40, NonBlocking = 0x800, NoFollow = 0x20000, CloseOnExec = 0x80000;
    private const int NotPermitted = 1, NoSuchFile = 2, AccessDenied = 13, NoFolder = 20, ReadOnlyDisk = 30, LinkFound = 40;
    private const int LockExclusive = 2, LockAtOnce = 4;
    private const string TemporaryEnding = ".tmp";
    private const int AllUsers = 0x1B6; // 0666, less the process's umask

    /// <summary>A name beside a file that no other process can foresee.</summary>
    public static string TemporaryName(string path) => $"{path}.{Guid.NewGuid():N}{TemporaryEnding}";

    /// <summary>Removes what killed processes left of the files that they were writing in a folder; what cannot be removed stays.</summary>
    /// <param name="minAge">Younger ones may still be written.</param>
    public static void RemoveAbandoned(string folder, TimeSpan minAge)
    {
        try
        {
            foreach (string file in Directory.EnumerateFiles(folder, $"*{TemporaryEnding}"))
            {
                if (IsTemporary(Path.GetFileName(file)) && DateTime.UtcNow - File.GetLastWriteTimeUtc(file) >= minAge)
                    File.Delete(file);
            }
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            // They only take room.
        }
    }

    /// <summary>A file of this process's own making, which its owner alone reads.</summary>
    /// <exception cref="IOException">Something of that name is there.</exception>
    public static FileStream CreateNew(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.CreateNew, // O_EXCL: a link of that name is something that is there
        Access = FileAccess.ReadWrite,
        Share = FileShare.Read,
        UnixCreateMode = OwnerOnly,
    });

    /// <summary>A plain file, to be read and written in its place; where there is none it is made.</summary>
    /// <param name="isPrivate">Where it is made: its owner alone reads it.</param>
    /// <exception cref="IOException">It is a link, has other names, is a pipe or the like, or cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write it.</exception>
    public static FileStream Open(string path, bool isPrivate = false, int bufferSize = 4096)
    {
        int descriptor = open(path, ReadWrite | Create | NonBlocking | NoFollow | CloseOnExec, isPrivate ? (int)OwnerOnly : AllUsers);
        if (descriptor < 0)
            throw Refused(path, Marshal.GetLastPInvokeError());
        var opened = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            if (FileKinds.Of(opened, out uint names) != FileKind.Regular)
                throw new IOException($"{path} is not a plain file; remove it.");
            if (names > 1) // a user who may write to the folder can have put a link to any file of the disk there
                throw new IOException(
                    $"{path} is one of {names} names of a file (hard links), and the others would change too; "
                        + "put a copy of it in its place, or remove it."
                );
            return new FileStream(opened, FileAccess.ReadWrite, bufferSize);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>For reading, links followed, without ever waiting: a pipe may have come into the place of what was looked at.</summary>
    /// <returns>Null: there is nothing, or a link to nothing.</returns>
    /// <exception cref="IOException">It cannot be opened; the message does not name it.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    internal static SafeFileHandle? OpenToRead(string path)
    {
        int descriptor = open(path, ReadOnly | NonBlocking | CloseOnExec, 0);
        if (descriptor >= 0)
            return new SafeFileHandle(descriptor, ownsHandle: true);
        int error = Marshal.GetLastPInvokeError();
        return error switch
        {
            NoSuchFile or NoFolder or LinkFound => null,
            AccessDenied => throw Refused(path, error),
            _ => throw new IOException(Marshal.GetPInvokeErrorMessage(error), error),
        };
    }

    /// <summary>The same file, which this process alone holds until it is closed.</summary>
    /// <exception cref="IOException">As of <see cref="Open"/>; or another process holds it: <see cref="Locked"/>.</exception>
    /// <param name="patience">How long a holder is waited for.</param>
    public static FileStream Lock(string path, bool isPrivate = false, int bufferSize = 4096, TimeSpan patience = default)
    {
        var file = Open(path, isPrivate, bufferSize);
        long start = Stopwatch.GetTimestamp();
        while (flock(file.SafeFileHandle, LockExclusive | LockAtOnce) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != Locked || Stopwatch.GetElapsedTime(start) >= patience)
            {
                file.Dispose();
                throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}", error);
            }
            Thread.Sleep(10);
        }
        FileKinds.Of(file.SafeFileHandle, out uint names);
        if (names > 0)
            return file;
        file.Dispose(); // its holder has removed it meanwhile: another process would lock another file of this name
        return Lock(path, isPrivate, bufferSize, patience);
    }

    /// <summary>Removes a lock of this process together with its file, where no file is to be left.</summary>
    /// <param name="locked">As <see cref="Lock"/> has opened it.</param>
    public static void RemoveLock(string path, FileStream locked)
    {
        using (locked) // freed also where the file cannot be removed
            File.Delete(path);
    }

    /// <summary>
    /// A file that gets its name when it is complete, empty and held by this process alone; move it before it is closed. What a killed
    /// process left of it is written over.
    /// </summary>
    /// <exception cref="IOException">It is a link, a pipe or the like, cannot be written, or another process writes it.</exception>
    public static FileStream OpenPartial(string path)
    {
        try
        {
            var file = Lock(path);
            file.SetLength(0);
            return file;
        }
        catch (IOException held) when (held.HResult == Locked)
        {
            throw new IOException($"{path} is being written by another process; wait for it, or name another place.");
        }
    }

    /// <summary>Gives a file a second name.</summary>
    /// <exception cref="IOException">It cannot have one, or something of that name is there.</exception>
    public static void Link(string path, string name)
    {
        if (link(path, name) != 0)
            throw new IOException($"{name}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>It is a symbolic link, wherever that leads.</summary>
    public static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;

    private static bool IsTemporary(string name) =>
        name.Split('.') is [.., var unique, _] && Guid.TryParseExact(unique, "N", out _);

    private static Exception Refused(string path, int error) => error switch
    {
        LinkFound => new IOException($"{path} is a symbolic link, and nothing is written through one; remove it."),
        NoSuchFile => new DirectoryNotFoundException($"{path} cannot be made: its folder is not there."),
        NotPermitted or AccessDenied => new UnauthorizedAccessException($"Access to the path '{path}' is denied."),
        ReadOnlyDisk => new UnauthorizedAccessException($"{Marshal.GetPInvokeErrorMessage(error)}: '{path}'"),
        _ => new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}", error),
    };

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string path, string name);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(SafeFileHandle file, int operation);
}
