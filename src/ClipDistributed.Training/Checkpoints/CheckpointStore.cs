using System.Text.Json;
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

    /// <summary>Writes, verifies by size and hash on load, and returns the folder.</summary>
    /// <param name="tokenizer">The tokenizer file that belongs to the model.</param>
    public string Save(CheckpointState state, ClipModel model, IOptimizer optimizer, PreprocessConfig preprocess, string tokenizer)
    {
        string target = directory.Checkpoint(state.Attempt, state.Step);
        string temporary = Path.Combine(directory.Attempt(state.Attempt), $"{TemporaryPrefix}{Path.GetFileName(target)}-{Environment.ProcessId}");
        if (Directory.Exists(temporary))
            Directory.Delete(temporary, recursive: true); // of an interrupted write: process ids come again, in containers always
        ModelFolder.Write(temporary, new ModelFolderConfig { ModelCfg = model.Config, PreprocessCfg = preprocess }, model.Parameters);
        OptimizerFile.Write(temporary, optimizer, model.Parameters);
        File.Copy(tokenizer, Path.Combine(temporary, Path.GetFileName(tokenizer)));
        File.WriteAllText(Path.Combine(temporary, CheckpointState.FileName), JsonSerializer.Serialize(state, CheckpointState.Json) + "\n");
        CheckpointFiles.Write(temporary, state.Step);
        if (Directory.Exists(target))
            Directory.Delete(target, recursive: true); // of this attempt and step: the same content, or a damaged one
        Directory.Move(temporary, target);
        return target;
    }

    /// <summary>
    /// Deletes all but the newest <paramref name="keep"/> of an attempt, and what an interrupted write left. The older ones
    /// go only when one of the newest verifies: the last good checkpoint is never deleted.
    /// </summary>
    public void Prune(int attempt, uint keep)
    {
        var folders = Steps(attempt).Select(found => found.Folder).Reverse().ToList();
        int kept = (int)Math.Clamp(keep, 1, int.MaxValue);
        if (folders.Count > kept && folders.Take(kept).Any(folder => CheckpointFiles.FindDamage(folder) is null))
        {
            foreach (string old in folders.Skip(kept))
                Directory.Delete(old, recursive: true);
        }
        foreach (string leftOver in Directory.EnumerateDirectories(directory.Attempt(attempt), $"{TemporaryPrefix}*"))
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
        long newestAllowed = long.MaxValue;
        for (var attempt = attempts.LastOrDefault(); attempt is not null; attempt = attempts.FirstOrDefault(other => other.Number == attempt.FromAttempt))
        {
            foreach (var (step, folder) in Steps(attempt.Number).Where(found => found.Step <= newestAllowed).Reverse())
            {
                if (CheckpointFiles.FindDamage(folder) is not { } problem)
                    return new FoundCheckpoint(folder, ReadState(folder), IsNewest: step == Steps(attempt.Number).Max(found => found.Step) && attempt == attempts[^1]);
                problems.Add($"The checkpoint {folder} is damaged ({problem}); the one before it is used.");
            }
            newestAllowed = Math.Min(newestAllowed, attempt.FromStep);
        }
        return null;
    }

    /// <summary>Fills the model and the optimizer.</summary>
    public static void Load(FoundCheckpoint checkpoint, ClipModel model, IOptimizer optimizer)
    {
        ModelFolder.ReadWeights(checkpoint.Folder, model.Parameters);
        OptimizerFile.Read(checkpoint.Folder, optimizer, model.Parameters);
    }

    private static CheckpointState ReadState(string folder)
    {
        string path = Path.Combine(folder, CheckpointState.FileName);
        return JsonSerializer.Deserialize<CheckpointState>(File.ReadAllText(path), CheckpointState.Json) ?? throw new InvalidDataException($"{path} holds null.");
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
/// <param name="IsNewest">True where no newer one of its attempt was passed over.</param>
public sealed record FoundCheckpoint(string Folder, CheckpointState State, bool IsNewest);
