using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Coordinator.Store.Backups;

/// <summary>
/// A place in a state folder for the copy that a backup or restore works on, one at a time; what a killed one has left there is removed.
/// </summary>
internal sealed class WorkFolder : IDisposable
{
    private readonly FileStream taken;
    private readonly string file; // that is locked

    private WorkFolder(string path, FileStream taken, string file) => (Path, this.taken, this.file) = (path, taken, file);

    /// <summary>A folder that is empty at first.</summary>
    public string Path { get; }

    /// <returns>Null: another backup or restore is at work.</returns>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public static WorkFolder? TryOpen(string stateDirectory)
    {
        string folder = System.IO.Path.Combine(stateDirectory, "backup");
        Directory.CreateDirectory(folder, GuardedFile.OwnerOnlyFolder);
        string file = System.IO.Path.Combine(folder, ".lock");
        FileStream taken;
        try
        {
            taken = GuardedFile.Lock(file, isPrivate: true, patience: GuardedFile.ForkTime);
        }
        catch (IOException held) when (held.HResult == GuardedFile.Locked)
        {
            return null;
        }
        try
        {
            string work = System.IO.Path.Combine(folder, "work");
            if (Directory.Exists(work))
                Directory.Delete(work, recursive: true);
            Directory.CreateDirectory(work, GuardedFile.OwnerOnlyFolder);
            return new WorkFolder(work, taken, file);
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true); // where that fails the next one deletes what is left
        }
        finally
        {
            GuardedFile.RemoveLock(file, taken);
        }
    }
}
