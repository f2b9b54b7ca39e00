namespace ClipDistributed.Contracts.Files;

/// <summary>A file or folder that this process is writing and has not completed: it is removed where that does not come about.</summary>
public sealed class PendingOutput : IDisposable
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<PendingOutput> All = [];

    private readonly string path;

    private PendingOutput(string path) => this.path = Path.GetFullPath(path);

    /// <summary>Makes it. At no moment does one exist that <see cref="DiscardAll"/> would leave.</summary>
    /// <param name="path">The name that it has meanwhile, which is gone once it is complete.</param>
    /// <param name="make">Creates the file or folder of this name.</param>
    public static PendingOutput Create(string path, Action make)
    {
        lock (Gate)
        {
            make();
            var pending = new PendingOutput(path);
            All.Add(pending);
            return pending;
        }
    }

    /// <summary>Removes what is incomplete and ends the process, while no other thread can make another.</summary>
    /// <param name="end">Ends this process.</param>
    public static void DiscardAll(Action end)
    {
        lock (Gate)
        {
            foreach (var pending in All)
                pending.Remove();
            end();
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
