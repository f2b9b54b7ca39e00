using System.Text.Json;
using ClipDistributed.Contracts.Checkpoints;
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

    // Of this writer alone: process ids come again, in containers always, and hosts may share the folder.
    private readonly string writer = Guid.NewGuid().ToString("N");

    /// <summary>Writes a checkpoint and returns its folder. A write that fails or is cancelled leaves nothing behind.</summary>
    /// <param name="tokenizer">The tokenizer file that belongs to the model.</param>
    /// <exception cref="IOException">The disk is full, or the folder is away.</exception>
    public string Save(CheckpointState state, StateCopy copy, PreprocessConfig preprocess, string tokenizer, CancellationToken cancel = default)
    {
        DeleteLeftOvers(); // first: what they take is needed, above all on a full disk
        string target = directory.Checkpoint(state.Attempt, state.Step);
        string temporary = Path.Combine(directory.Attempt(state.Attempt), $"{TemporaryPrefix}{Path.GetFileName(target)}-{writer}");
        try
        {
            ModelFolder.Write(temporary, new ModelFolderConfig { ModelCfg = copy.Config, PreprocessCfg = preprocess }, copy.Parameters, cancel);
            OptimizerFile.Write(temporary, copy, cancel);
            File.Copy(tokenizer, Path.Combine(temporary, Path.GetFileName(tokenizer)));
            File.WriteAllText(Path.Combine(temporary, CheckpointState.FileName), JsonSerializer.Serialize(state, CheckpointState.Json) + "\n");
            CheckpointFiles.Write(temporary, state.Step, cancel);
            cancel.ThrowIfCancellationRequested();
            DeleteIfThere(target); // of this attempt and step: the same content, or a damaged one
            DurableFile.MoveFolder(temporary, target);
            return target;
        }
        catch
        {
            DeleteIfThere(temporary);
            throw;
        }
    }

    /// <summary>
    /// Deletes all but the newest <paramref name="keep"/> along the line that led to the last attempt. The older ones go only
    /// when one of the newest verifies: the last good checkpoint is never deleted.
    /// </summary>
    public void Prune(IReadOnlyList<RunAttempt> attempts, uint keep, CancellationToken cancel = default)
    {
        var folders = Line(attempts).Select(found => found.Path).ToList();
        int kept = (int)Math.Clamp(keep, 1, int.MaxValue);
        if (folders.Count <= kept || !folders.Take(kept).Any(folder => CheckpointFiles.FindDamage(folder, cancel) is null))
            return;
        foreach (string old in folders.Skip(kept))
            Directory.Delete(old, recursive: true);
    }

    /// <summary>The step of the newest checkpoint along the line that led to the last attempt, whole or not; 0: there is none.</summary>
    public long NewestStep(IReadOnlyList<RunAttempt> attempts) => Line(attempts).FirstOrDefault()?.Step ?? 0;

    /// <summary>
    /// The newest checkpoint of a run that verifies, along the line that led to its last attempt; null where there is none.
    /// What is damaged is passed over and named in <paramref name="damage"/>.
    /// </summary>
    public FoundCheckpoint? FindNewest(IReadOnlyList<RunAttempt> attempts, out IReadOnlyList<string> damage)
    {
        var problems = new List<string>();
        damage = problems;
        foreach (var (_, _, folder) in Line(attempts))
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
    private IEnumerable<CheckpointFolder> Line(IReadOnlyList<RunAttempt> attempts)
    {
        long newest = long.MaxValue;
        for (var attempt = attempts.LastOrDefault(); attempt is not null; attempt = attempts.FirstOrDefault(other => other.Number == attempt.FromAttempt))
        {
            foreach (var found in CheckpointFolder.Of(directory, attempt.Number).Where(found => found.Step <= newest))
                yield return found;
            newest = Math.Min(newest, attempt.FromStep);
        }
    }

    /// <summary>What interrupted writes left: nobody else writes here, whoever holds the run directory's lock is alone.</summary>
    private void DeleteLeftOvers()
    {
        if (!Directory.Exists(directory.Checkpoints))
            return;
        foreach (string leftOver in Directory.EnumerateDirectories(directory.Checkpoints, $"{TemporaryPrefix}*", SearchOption.AllDirectories))
            Directory.Delete(leftOver, recursive: true);
    }

    private static void DeleteIfThere(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}

/// <summary>A checkpoint that verified.</summary>
public sealed record FoundCheckpoint(string Folder, CheckpointState State);
