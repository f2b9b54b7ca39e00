using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Data.Preparation;

/// <summary>Takes back what a preparation has made in a run directory, unless it is kept: a refused job leaves nothing behind.</summary>
internal sealed class PreparationUndo : IDisposable
{
    private readonly RunDirectory directory;
    private readonly bool isTaken, hasWriter; // from an earlier lock
    private readonly List<string> folders = []; // that are not there, the innermost first
    private List<string> files = []; // that a preparation writes and that are not there
    private bool isKept;

    private PreparationUndo(RunDirectory directory)
    {
        this.directory = directory;
        (isTaken, hasWriter) = (File.Exists(directory.Lock), File.Exists(directory.Writer) || GuardedFile.IsLink(directory.Writer));
        for (string? folder = directory.Root; folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder))
            folders.Add(folder);
    }

    /// <summary>Before the directory's lock is taken, which may make it.</summary>
    public static PreparationUndo Before(RunDirectory directory) => new(directory);

    /// <summary>The directory's lock; where it cannot be had, what was made of it is gone again.</summary>
    /// <exception cref="BadInputException">As of <see cref="RunDirectoryLock.Take"/>.</exception>
    public RunDirectoryLock Take()
    {
        try
        {
            return RunDirectoryLock.Take(directory);
        }
        catch (BadInputException)
        {
            Undo(RemoveLock);
            throw;
        }
    }

    /// <summary>Once this process is alone there.</summary>
    public PreparationUndo Begin()
    {
        string[] written = [directory.Spec, directory.Manifest, directory.Model, directory.Tokenizer, directory.Info];
        files = [.. written.Where(file => !File.Exists(file))];
        if (!isTaken && files.Count == written.Length)
            files.AddRange([directory.Writer, directory.Lock]);
        return this;
    }

    /// <summary>The preparation has succeeded.</summary>
    public void Keep() => isKept = true;

    public void Dispose()
    {
        if (!isKept)
            Undo(() => files.ForEach(File.Delete));
    }

    private void Undo(Action removeFiles)
    {
        try
        {
            removeFiles();
            foreach (
                string folder in folders.Where(folder => Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
            )
                Directory.Delete(folder);
        }
        catch (Exception left) when (left is IOException or UnauthorizedAccessException)
        {
            // Why the job is refused says more than what could not be taken back.
        }
    }

    /// <summary>The disk was full, or the like, and another process may hold it by now.</summary>
    private void RemoveLock()
    {
        if (isTaken || !File.Exists(directory.Lock))
            return;
        using var alone = GuardedFile.Lock(directory.Lock);
        if (!hasWriter)
            File.Delete(directory.Writer);
        File.Delete(directory.Lock);
    }
}
