using ClipDistributed.Contracts.Checkpoints;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Coordinator.Tests.Scripted;

/// <summary>Checkpoints without tensors, as replicas leave them in a run directory.</summary>
internal static class StoredCheckpoints
{
    /// <param name="files">That it holds besides.</param>
    /// <returns>Its folder.</returns>
    public static string Save(string runDirectory, int attempt, long step, params string[] files)
    {
        var directory = new RunDirectory(runDirectory);
        var info = RunInfo.Load(directory.Info);
        if (info.Attempts.Count == 0)
            (info with { Attempts = [new RunAttempt(1, 0, 0)] }).Save(directory.Info);
        string folder = directory.Checkpoint(attempt, step);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "weights"), $"{step}");
        foreach (string file in files)
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        CheckpointFiles.Write(folder, step);
        return folder;
    }
}
