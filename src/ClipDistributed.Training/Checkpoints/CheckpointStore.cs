using System.Text.Json;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Model;
using ClipDistributed.Model.Folders;
using ClipDistributed.Training.Optimization;

namespace ClipDistributed.Training.Checkpoints;

/// <summary>
/// The checkpoints of a run: OpenCLIP model folders that also hold the optimizer and the position in the run. One is
/// written under a temporary name and appears by a rename, whole or not at all.
/// </summary>
public sealed class CheckpointStore(RunDirectory directory)
{
    private const string TemporaryPrefix = ".tmp-";

    /// <summary>Writes a checkpoint and returns its folder. A failed write leaves nothing behind.</summary>
    /// <param name="tokenizer">The tokenizer file that belongs to the model.</param>
    /// <exception cref="IOException">The disk is full, or the folder is away.</exception>
    public string Save(CheckpointState state, ClipModel model, IOptimizer optimizer, PreprocessConfig preprocess, string tokenizer)
    {
        string target = directory.Checkpoint(state.Attempt, state.Step);
        string temporary = Path.Combine(directory.Attempt(state.Attempt), $"{TemporaryPrefix}{Path.GetFileName(target)}-{Environment.ProcessId}");
        DeleteIfThere(temporary); // of an interrupted write: process ids come again, in containers always
        try
        {
            ModelFolder.Write(temporary, new ModelFolderConfig { ModelCfg = model.Config, PreprocessCfg = preprocess }, model.Parameters);
            OptimizerFile.Write(temporary, optimizer, model.Parameters);
            File.Copy(tokenizer, Path.Combine(temporary, Path.GetFileName(tokenizer)));
            File.WriteAllText(Path.Combine(temporary, CheckpointState.FileName), JsonSerializer.Serialize(state, CheckpointState.Json) + "\n");
            CheckpointFiles.Write(temporary, state.Step);
            DeleteIfThere(target); // of this attempt and step: the same content, or a damaged one
            DurableFile.MoveFolder(temporary, target);
            return target;
        }
        catch
        {
            DeleteIfThere(temporary); // what it takes is needed, above all on a full disk
            throw;
        }
    }

    /// <summary>
    /// Deletes all but the newest <paramref name="keep"/> along the line that led to the last attempt, and what interrupted
    /// writes left. The older ones go only when one of the newest verifies: the last good checkpoint is never deleted.
    /// </summary>
    public void Prune(IReadOnlyList<RunAttempt> attempts, uint keep)
    {
        var folders = Line(attempts).Select(found => found.Folder).ToList();
        int kept = (int)Math.Clamp(keep, 1, int.MaxValue);
        if (folders.Count > kept && folders.Take(kept).Any(folder => CheckpointFiles.FindDamage(folder) is null))
        {
            foreach (string old in folders.Skip(kept))
                Directory.Delete(old, recursive: true);
        }
        foreach (string leftOver in Directory.EnumerateDirectories(directory.Checkpoints, $"{TemporaryPrefix}*", SearchOption.AllDirectories))
            Directory.Delete(leftOver, recursive: true);
    }

    /// <summary>
    /// The newest checkpoint of a run that verifies, along the line that led to its last attempt; null where there is none.
    /// What is damaged is passed over and named in <paramref name="damage"/>.
    /// </summary>
    public FoundCheckpoint? FindNewest(IReadOnlyList<RunAttempt> attempts, out IReadOnlyList<string> damage)
    {
        var problems = new List<string>();
        damage = problems;
        foreach (var (_, folder) in Line(attempts))
        {
            string? problem = CheckpointFiles.FindDamage(folder);
            if (problem is null && (problem = CheckpointState.TryRead(folder, out var state)) is null)
                return new FoundCheckpoint(folder, state!);
            problems.Add($"The checkpoint {folder} is damaged ({problem}).");
        }
        return null;
    }

    /// <summary>Fills the model and the optimizer.</summary>
    public static void Load(FoundCheckpoint checkpoint, ClipModel model, IOptimizer optimizer)
    {
        ModelFolder.ReadWeights(checkpoint.Folder, model.Parameters);
        OptimizerFile.Read(checkpoint.Folder, optimizer, model.Parameters);
    }

    /// <summary>The checkpoints that led to the last attempt's newest one, newest first.</summary>
    private IEnumerable<(long Step, string Folder)> Line(IReadOnlyList<RunAttempt> attempts)
    {
        long newest = long.MaxValue;
        for (var attempt = attempts.LastOrDefault(); attempt is not null; attempt = attempts.FirstOrDefault(other => other.Number == attempt.FromAttempt))
        {
            foreach (var found in Steps(attempt.Number).Reverse().Where(found => found.Step <= newest))
                yield return found;
            newest = Math.Min(newest, attempt.FromStep);
        }
    }

    private static void DeleteIfThere(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>Checkpoint folders of an attempt, oldest first.</summary>
    private IEnumerable<(long Step, string Folder)> Steps(int attempt)
    {
        string folder = directory.Attempt(attempt);
        if (!Directory.Exists(folder))
            return [];
        return Directory.EnumerateDirectories(folder, "step-*")
            .Select(path => (long.TryParse(Path.GetFileName(path)["step-".Length..], out long step) ? step : -1, path))
            .Where(found => found.Item1 >= 0).Order();
    }
}

/// <summary>A checkpoint that verified.</summary>
public sealed record FoundCheckpoint(string Folder, CheckpointState State);
