namespace ClipDistributed.Contracts.Files;

/// <summary>A file or folder that this process is writing and has not completed: it is removed where that does not come about.</summary>
public sealed class PendingOutput : IDisposable
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<PendingOutput> All = [];

    private readonly string path;

    /// <param name="path">The name that it has meanwhile, which is gone once it is complete.</param>
    public PendingOutput(string path)
    {
        this.path = Path.GetFullPath(path);
        lock (Gate)
            All.Add(this);
    }

    /// <summary>The process is about to be ended, and its writers with it: nothing of theirs is left.</summary>
    public static void DiscardAll()
    {
        lock (Gate)
        {
            foreach (var pending in All)
                pending.Remove();
        }
    }

    public void Dispose()
    {
        lock (Gate)
            All.Remove(this);
        Remove();
    }

    private void Remove()
    {
        try
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
            else
                File.Delete(path);
        }
        catch (Exception left) when (left is IOException or UnauthorizedAccessException)
        {
            // It only takes room.
        }
    }
}
