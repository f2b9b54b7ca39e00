using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Training.Checkpoints;

/// <summary>A checkpoint under a temporary name. It appears in the run directory by a rename, whole or not at all.</summary>
/// <param name="target">The folder that it becomes.</param>
internal sealed class StagedCheckpoint(string target) : IDisposable
{
    private const string Prefix = ".tmp-";

    // What lies behind a link is not this run's to delete.
    private static readonly EnumerationOptions NoLinks = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
    };

    /// <summary>
    /// Of this write alone: process ids come again, in containers always, hosts may share the folder, and others may look into it.
    /// </summary>
    public string Path { get; } =
        System.IO.Path.Combine(
            System.IO.Path.GetDirectoryName(target)!, $"{Prefix}{System.IO.Path.GetFileName(target)}-{Guid.NewGuid():N}");

    public string Target => target;

    /// <summary>Replaces one of this attempt and step, which has the same content or is damaged.</summary>
    public void Publish()
    {
        DeleteIfThere(target);
        DurableFile.MoveFolder(Path, target);
    }

    /// <summary>Deletes what was not published.</summary>
    public void Dispose() => DeleteIfThere(Path);

    /// <summary>Of interrupted writes. Only for the holder of the run directory's lock: earlier holders must not publish.</summary>
    public static void DeleteLeftOvers(RunDirectory directory)
    {
        if (!Directory.Exists(directory.Checkpoints))
            return;
        foreach (string leftOver in Directory.EnumerateDirectories(directory.Checkpoints, $"{Prefix}*", NoLinks))
            Directory.Delete(leftOver, recursive: true);
    }

    private static void DeleteIfThere(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
