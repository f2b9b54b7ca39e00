using ClipDistributed.Contracts.Checkpoints;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Data.Checkpoints;

/// <summary>The checkpoints in a run directory.</summary>
public sealed class DiskCheckpoints(RunDirectory directory) : ICheckpointPlace
{
    private const string AttemptPrefix = "attempt-", StepPrefix = "step-";

    public string Name => "run directory";

    public IReadOnlyList<StoredCheckpoint> List(CancellationToken cancel = default) =>
        [
            .. from attempt in Numbered(directory.Checkpoints, AttemptPrefix)
            from step in Numbered(attempt.Folder.FullName, StepPrefix)
            orderby attempt.Number descending, step.Number descending
            select Read((int)attempt.Number, step.Number, step.Folder),
        ];

    public string? FindDamage(StoredCheckpoint checkpoint, CancellationToken cancel = default) =>
        CheckpointFiles.FindDamage(checkpoint.Path, cancel);

    public void Pin(StoredCheckpoint checkpoint, bool isPinned, CancellationToken cancel = default)
    {
        string pin = Path.Combine(checkpoint.Path, StoredCheckpoint.PinName);
        if (isPinned)
            DurableFile.WriteAllText(pin, "");
        else
            File.Delete(pin);
    }

    public void Delete(StoredCheckpoint checkpoint, CancellationToken cancel = default) =>
        Directory.Delete(checkpoint.Path, recursive: true);

    private static StoredCheckpoint Read(int attempt, long step, DirectoryInfo folder)
    {
        var files = folder.GetFiles();
        bool isPinned = Array.Exists(files, file => file.Name == StoredCheckpoint.PinName);
        // The folder's own time changes with the pin.
        var saved = files.Where(file => file.Name != StoredCheckpoint.PinName).Select(file => file.LastWriteTimeUtc);
        return new StoredCheckpoint(
            attempt, step, folder.FullName, saved.DefaultIfEmpty(folder.LastWriteTimeUtc).Max(), files.Sum(file => file.Length), isPinned);
    }

    private static IEnumerable<(long Number, DirectoryInfo Folder)> Numbered(string folder, string prefix)
    {
        if (!Directory.Exists(folder))
            yield break;
        foreach (var found in new DirectoryInfo(folder).EnumerateDirectories($"{prefix}*"))
        {
            if (long.TryParse(found.Name[prefix.Length..], out long number) && number >= 0)
                yield return (number, found);
        }
    }
}
