using System.Runtime.InteropServices;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Contracts.Files;

/// <summary>Whether what a command is to write can be written: looked at before it works, since minutes of work may lie between.</summary>
public static partial class OutputPath
{
    private const int MayWrite = 2; // W_OK
    private const int ReadOnlyDisk = 30; // EROFS

    /// <param name="option">Begins the error.</param>
    /// <param name="replaces">An existing file is replaced.</param>
    /// <param name="endings">The path ends with one of them; none: with anything.</param>
    /// <exception cref="BadInputException">The file cannot be written, or exists.</exception>
    public static void CheckFile(string path, string option, bool replaces, params string[] endings)
    {
        string full = Full(path, option);
        if (endings.Length > 0 && !endings.Any(ending => full.EndsWith(ending, StringComparison.Ordinal)))
            throw new BadInputException($"{option} is {path}; end it with {string.Join(" or ", endings)}.");
        var kind = FileKinds.Of(full);
        if (full.EndsWith('/') || kind == FileKind.Folder)
            throw new BadInputException($"{option}: {path} is a folder; name a file in it.");
        if (kind is not (FileKind.Missing or FileKind.Regular))
            throw new BadInputException($"{option}: {path} {kind.Words()}; name a regular file.");
        if (kind == FileKind.Regular && !replaces)
            throw new BadInputException($"{option}: {path} exists; name a new file, or remove it.");
        string folder = Path.GetDirectoryName(full)!;
        if (FileKinds.Of(folder) != FileKind.Folder)
            throw new BadInputException($"{option}: the folder {folder} does not exist; make it or name another.");
        CheckWritable(folder, option);
    }

    /// <summary>A folder that is made where it is missing.</summary>
    /// <param name="empty">It holds nothing yet.</param>
    /// <exception cref="BadInputException">It is no folder, cannot be made or written, or is not empty.</exception>
    public static void CheckFolder(string path, string option, bool empty)
    {
        string at = Full(path, option);
        if (empty && Directory.Exists(at) && Directory.EnumerateFileSystemEntries(at).Any())
            throw new BadInputException($"{option}: {path} is not empty; name a folder that does not exist yet.");
        while (FileKinds.Of(at) == FileKind.Missing)
            at = Path.GetDirectoryName(at) ?? "/";
        if (FileKinds.Of(at) is var kind && kind != FileKind.Folder)
            throw new BadInputException($"{option}: {at} {kind.Words()}; name a folder.");
        CheckWritable(at, option);
    }

    private static string Full(string path, string option) => path.Length == 0 || path.Contains('\0', StringComparison.Ordinal)
        ? throw new BadInputException($"{option} names no path; name one.")
        : Path.GetFullPath(path);

    private static void CheckWritable(string folder, string option)
    {
        if (access(folder, MayWrite) == 0)
            return;
        string reason = Marshal.GetLastPInvokeError() == ReadOnlyDisk
            ? "lies on a disk that is read-only"
            : "may not be written (no permission)";
        throw new BadInputException($"{option}: the folder {folder} {reason}; name another.");
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int access(string path, int mode);
}
