using ClipDistributed.Contracts.Checkpoints;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Coordinator.Tests.Scripted;

/// <summary>Checkpoints without tensors, as replicas leave them in a run directory.</summary>
internal static class StoredCheckpoints
{
    /// <returns>Its folder.</returns>
    public static string Save(string runDirectory, int attempt, long step)
    {
        var directory = new RunDirectory(runDirectory);
        var info = RunInfo.Load(directory.Info);
        if (info.Attempts.Count == 0)
            (info with { Attempts = [new RunAttempt(1, 0, 0)] }).Save(directory.Info);
        string folder = directory.Checkpoint(attempt, step);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "weights"), $"{step}");
        CheckpointFiles.Write(folder, step);
        return folder;
    }
}
