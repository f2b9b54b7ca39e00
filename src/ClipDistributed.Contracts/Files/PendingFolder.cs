namespace ClipDistributed.Contracts.Files;

/// <summary>A folder of files that appears when all of them are complete; without completion nothing is left.</summary>
public sealed class PendingFolder : IDisposable
{
    private readonly string target;
    private readonly PendingOutput pending;

    private PendingFolder(string target, string path, PendingOutput pending) =>
        (this.target, Path, this.pending) = (target, path, pending);

    /// <summary>Where the files are written meanwhile: no other process can foresee it.</summary>
    public string Path { get; }

    /// <param name="target">Does not exist, or is empty.</param>
    public static PendingFolder Create(string target)
    {
        string full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(target));
        // Inside of one that exists: that may be all that can be written.
        string path = GuardedFile.TemporaryName(Directory.Exists(full) ? System.IO.Path.Combine(full, ".new") : full);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        var pending = PendingOutput.Create(path, () => Directory.CreateDirectory(path, GuardedFile.OwnerOnlyFolder));
        return new PendingFolder(full, path, pending);
    }

    /// <exception cref="IOException">Something has appeared there.</exception>
    public void Complete()
    {
        if (!Directory.Exists(target))
        {
            DurableFile.MoveFolder(Path, target);
            return;
        }
        foreach (string file in Directory.EnumerateFiles(Path).ToList())
            File.Move(file, System.IO.Path.Combine(target, System.IO.Path.GetFileName(file)));
    }

    public void Dispose() => pending.Dispose();
}
