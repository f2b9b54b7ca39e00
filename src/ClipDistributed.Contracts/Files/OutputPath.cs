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
        var kind = FileKinds.Of(full);
        if (full.EndsWith('/') || kind == FileKind.Folder)
            throw new BadInputException($"{option}: {path} is a folder; name a file in it.");
        if (endings.Length > 0 && !endings.Any(ending => full.EndsWith(ending, StringComparison.Ordinal)))
            throw new BadInputException($"{option} is {path}; end it with {string.Join(" or ", endings)}.");
        if (kind is not (FileKind.Missing or FileKind.Regular))
            throw new BadInputException($"{option}: {path} {kind.Words()}; name a regular file.");
        if (kind == FileKind.Regular && !replaces)
            throw new BadInputException($"{option}: {path} exists; name a new file, or remove it.");
        string folder = Path.GetDirectoryName(full)!;
        if (FileKinds.Of(folder) != FileKind.Folder)
            throw new BadInputException($"{option}: the folder {folder} does not exist; make it or name another.");
        if (FaultOf(folder) is { } fault)
            throw new BadInputException($"{option}: {fault}.");
    }

    /// <summary>A folder that is made where it is missing.</summary>
    /// <param name="empty">It holds nothing yet.</param>
    /// <exception cref="BadInputException">It is not a folder, cannot be made or written, or is not empty.</exception>
    public static void CheckFolder(string path, string option, bool empty)
    {
        string full = Full(path, option);
        if (empty && Directory.Exists(full) && Directory.EnumerateFileSystemEntries(full).Any())
            throw new BadInputException($"{option}: {path} is not empty; name a folder that does not exist yet.");
        if (FaultOfFolder(full) is { } fault)
            throw new BadInputException($"{option}: {fault}.");
    }

    /// <summary>The same of the folder in which a run keeps what it writes.</summary>
    /// <exception cref="BadInputException">It is not a folder, or cannot be made or written.</exception>
    public static void CheckRunDirectory(string path)
    {
        if (FaultOfFolder(Path.GetFullPath(path)) is { } fault)
            throw new BadInputException($"run_directory {path} cannot be written: {fault}.");
    }

    private static string? FaultOfFolder(string at)
    {
        while (FileKinds.Of(at) == FileKind.Missing)
            at = Path.GetDirectoryName(at) ?? "/";
        return FileKinds.Of(at) is var kind && kind != FileKind.Folder ? $"{at} {kind.Words()}; name a folder" : FaultOf(at);
    }

    private static string Full(string path, string option) => path.Length == 0 || path.Contains('\0', StringComparison.Ordinal)
        ? throw new BadInputException($"{option} names no path; name one.")
        : Path.GetFullPath(path);

    /// <returns>Null: it takes files.</returns>
    private static string? FaultOf(string folder)
    {
        if (access(folder, MayWrite) != 0)
        {
            string reason = Marshal.GetLastPInvokeError() == ReadOnlyDisk
                ? "lies on a disk that is read-only"
                : "may not be written (no permission)";
            return $"the folder {folder} {reason}; name another";
        }
        // What may be written need not take files: /proc and /sys do not, nor a disk without room for a name.
        string probe = GuardedFile.TemporaryName(Path.Combine(folder, ".clipd"));
        try
        {
            GuardedFile.CreateNew(probe).Dispose();
            File.Delete(probe);
            return null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            string reason = refused is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException
                ? "" : $" ({refused.Message.Replace($" : '{probe}'", "", StringComparison.Ordinal)})";
            return $"the folder {folder} takes no new files{reason}; name another";
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int access(string path, int mode);
}
