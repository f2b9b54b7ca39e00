using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Data.Preparation;

/// <summary>Takes back what a preparation has made in a run directory, unless it is kept: a refused job leaves nothing behind.</summary>
internal sealed class PreparationUndo : IDisposable
{
    private readonly RunDirectory directory;
    private readonly bool isTaken; // by an earlier lock
    private readonly List<string> folders = []; // that are not there, the innermost first
    private List<string> files = []; // that a preparation writes and that are not there
    private bool isKept;

    private PreparationUndo(RunDirectory directory)
    {
        this.directory = directory;
        isTaken = File.Exists(directory.Lock);
        for (string? folder = directory.Root; folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder))
            folders.Add(folder);
    }

    /// <summary>Before the directory's lock is taken, which may make it.</summary>
    public static PreparationUndo Before(RunDirectory directory) => new(directory);

    /// <summary>Once this process is alone there.</summary>
    public PreparationUndo Begin()
    {
        string[] written = [directory.Spec, directory.Manifest, directory.Model, directory.Tokenizer, directory.State];
        files = [.. written.Where(file => !File.Exists(file))];
        if (!isTaken && files.Count == written.Length)
            files.AddRange([directory.Writer, directory.Lock]);
        return this;
    }

    /// <summary>The preparation has succeeded.</summary>
    public void Keep() => isKept = true;

    public void Dispose()
    {
        if (isKept)
            return;
        try
        {
            files.ForEach(File.Delete);
            foreach (string folder in folders.Where(folder => !Directory.EnumerateFileSystemEntries(folder).Any()))
                Directory.Delete(folder);
        }
        catch (Exception left) when (left is IOException or UnauthorizedAccessException)
        {
            // Why the job is refused says more than what could not be taken back.
        }
    }
}
