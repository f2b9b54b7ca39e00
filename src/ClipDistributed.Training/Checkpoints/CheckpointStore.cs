using System.Diagnostics;
using System.Text.Json;
using ClipDistributed.Contracts.Checkpoints;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Checkpoints;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Data.Tokens;
using ClipDistributed.Model;
using ClipDistributed.Model.Folders;
using ClipDistributed.Training.Optimization;

namespace ClipDistributed.Training.Checkpoints;

/// <summary>
/// The checkpoints of a run: OpenCLIP model folders that also hold the optimizer and the position in the run. One is
/// written under a temporary name and appears in the run directory by a rename, whole or not at all. Where they are kept
/// in S3 it is sent there next, and the run directory keeps the newest and what S3 has not got yet.
/// </summary>
/// <param name="bucket">Null: the run directory keeps them all.</param>
/// <param name="writeLock">Checked before anything is published or deleted; stays the caller's. Null: no other process writes
/// there.</param>
public sealed class CheckpointStore(RunDirectory directory, S3Checkpoints? bucket = null, RunDirectoryLock? writeLock = null)
{
    private readonly DiskCheckpoints disk = new(directory);

    /// <summary>Writes a checkpoint and returns its folder. A write that fails or is cancelled leaves nothing behind.</summary>
    /// <param name="tokenizer">The tokenizer file that belongs to the model.</param>
    /// <exception cref="IOException">The disk is full or unavailable, or a later generation writes there.</exception>
    public string Save(
        CheckpointState state,
        StateCopy copy,
        PreprocessConfig preprocess,
        string tokenizer,
        CancellationToken cancel = default
    )
    {
        writeLock?.ThrowIfSuperseded();
        StagedCheckpoint.DeleteLeftOvers(directory); // first: what they take is needed, above all on a full disk
        using var staged = new StagedCheckpoint(directory.Checkpoint(state.Attempt, state.Step));
        Directory.CreateDirectory(staged.Path, GuardedFile.OwnerOnlyFolder);
        var words = TokenizerFolder.Of(tokenizer);
        var config = new ModelFolderConfig { ModelCfg = copy.Config, PreprocessCfg = preprocess, HasTokenizer = words.IsOpenToOthers };
        ModelFolder.Write(staged.Path, config, copy.Parameters, cancel);
        OptimizerFile.Write(staged.Path, copy, cancel);
        words.Write(staged.Path, copy.Config.TextCfg.ContextLength);
        DurableFile.WriteAllText(
            Path.Combine(staged.Path, CheckpointState.FileName), JsonSerializer.Serialize(state, CheckpointState.Json) + "\n");
        CheckpointFiles.Write(staged.Path, state.Step, cancel);
        cancel.ThrowIfCancellationRequested();
        writeLock?.ThrowIfSuperseded();
        staged.Publish();
        return staged.Target;
    }

    /// <summary>
    /// Sends to S3, where checkpoints are kept there, what it lacks of the newest <paramref name="keep"/> of the last attempt's
    /// lineage. The oldest goes first, and before it one that is partly sent: so a bad connection makes progress too.
    /// </summary>
    /// <param name="record">Receives a message about each.</param>
    /// <exception cref="BadInputException">The place in S3 belongs to another run.</exception>
    /// <exception cref="IOException">S3 does not answer, or refuses. What it has taken is not sent again.</exception>
    public void Upload(IReadOnlyList<RunAttempt> attempts, uint keep, Action<RunRecord> record, CancellationToken cancel = default)
    {
        if (bucket is null)
            return;
        var there = bucket.List(cancel).Select(Position).ToHashSet();
        var lacking = CheckpointLineage.Of(disk, attempts)
            .Where((local, newer) => (newer < keep || S3Checkpoints.IsUnderWay(local)) && !there.Contains(Position(local)));
        foreach (var local in lacking.Reverse().Where(local => disk.FindDamage(local, cancel) is null))
        {
            writeLock?.ThrowIfSuperseded();
            long start = Stopwatch.GetTimestamp();
            record(
                bucket.Upload(local, cancel) is { } bytes
                    ? Sent(local.Step, bucket.UrlOf(local), bytes, Stopwatch.GetElapsedTime(start))
                    : NoticeRecord.Of(
                        local.Step,
                        $"Another writer has published {bucket.UrlOf(local)}; its checkpoint stays, and that of the "
                            + $"run directory is not sent."
                    )
            );
        }
    }

    private static RunRecord Sent(long step, string url, long bytes, TimeSpan took) =>
        new() { CheckpointSent = new CheckpointSent { Step = step, Path = url, Bytes = bytes, Seconds = took.TotalSeconds } };

    /// <summary>
    /// Deletes all but the newest <paramref name="keep"/> of the last attempt's lineage and what is pinned. The older ones go only when
    /// one of the newest verifies: the last good checkpoint is never deleted.
    /// </summary>
    /// <param name="sent">S3, where checkpoints are kept there, has all of them: then it keeps so many, and the run directory the newest
    /// alone.</param>
    public void Prune(IReadOnlyList<RunAttempt> attempts, uint keep, bool sent = true, CancellationToken cancel = default)
    {
        writeLock?.ThrowIfSuperseded();
        int max = (int)Math.Clamp(keep, 1, int.MaxValue), maxHere = bucket is not null && sent ? 1 : max;
        var here = CheckpointLineage.Of(disk, attempts).ToList();
        if (here.Count > maxHere && here.Take(maxHere).Any(newest => disk.FindDamage(newest, cancel) is null))
        {
            foreach (var old in here.Skip(maxHere).Where(old => !old.IsPinned && !S3Checkpoints.IsUnderWay(old)))
                disk.Delete(old);
        }
        if (bucket is null || !sent)
            return;
        // The newest was read and sent just now, and S3 verifies the content of every request.
        foreach (var old in CheckpointLineage.Of(bucket, attempts, cancel).Skip(max).Where(old => !old.IsPinned))
            bucket.Delete(old, cancel);
    }

    /// <summary>The step of the newest checkpoint of the last attempt's lineage in the run directory, whole or not; 0: there is
    /// none.</summary>
    public long NewestStep(IReadOnlyList<RunAttempt> attempts) => CheckpointLineage.Of(disk, attempts).FirstOrDefault()?.Step ?? 0;

    /// <summary>Whether a checkpoint is where checkpoints are kept.</summary>
    public bool Has(int attempt, long step)
    {
        if (bucket is null)
            return Directory.Exists(directory.Checkpoint(attempt, step));
        try
        {
            return bucket.List().Any(there => Position(there) == (attempt, step));
        }
        catch (IOException)
        {
            return false; // it is saved then, and that reports what S3 answers
        }
    }

    /// <summary>
    /// The newest checkpoint of the last attempt's lineage that verifies; null where there is none. What is damaged is passed
    /// over and named in <paramref name="damage"/>. One that only S3 has is fetched.
    /// </summary>
    /// <exception cref="IOException">The run directory has none, and S3 does not answer.</exception>
    public FoundCheckpoint? FindNewest(IReadOnlyList<RunAttempt> attempts, out IReadOnlyList<string> damage)
    {
        var problems = new List<string>();
        damage = problems;
        var outage = ListBucket(attempts, out var remote);
        if (outage is not null)
            problems.Add($"{outage.Message}.");
        var all = CheckpointLineage.Of(disk, attempts).Concat(remote);
        foreach (var found in all.OrderByDescending(found => found.Attempt).ThenByDescending(found => found.Step)) // stable: disk first
        {
            string? problem = remote.Contains(found) ? Fetch(found, out var local) : disk.FindDamage(local = found);
            if (problem is null && (problem = CheckpointState.TryRead(local.Path, out var state)) is null)
                return new FoundCheckpoint(local.Path, state!);
            problems.Add($"The checkpoint {found.Path} is damaged ({problem}).");
        }
        return outage is null ? null : throw outage;
    }

    /// <summary>Fills the model and the optimizer.</summary>
    public static void Load(FoundCheckpoint checkpoint, ClipModel model, IOptimizer optimizer)
    {
        ModelFolder.ReadWeights(checkpoint.Folder, model);
        OptimizerFile.Read(checkpoint.Folder, optimizer, model.Parameters);
    }

    /// <returns>Null, or why S3 cannot be listed.</returns>
    private IOException? ListBucket(IReadOnlyList<RunAttempt> attempts, out IReadOnlyList<StoredCheckpoint> remote)
    {
        remote = [];
        try
        {
            if (bucket is not null)
                remote = [.. CheckpointLineage.Of(bucket, attempts)];
            return null;
        }
        catch (IOException unavailable)
        {
            return unavailable;
        }
    }

    /// <summary>Brings a checkpoint from S3 into the run directory, if it is whole.</summary>
    /// <returns>Null, or what is wrong with it.</returns>
    private string? Fetch(StoredCheckpoint stored, out StoredCheckpoint local)
    {
        writeLock?.ThrowIfSuperseded(); // several may fetch it: the one that began last does
        StagedCheckpoint.DeleteLeftOvers(directory);
        using var staged = new StagedCheckpoint(directory.Checkpoint(stored.Attempt, stored.Step));
        local = stored with { Path = staged.Target };
        bucket!.Download(stored, staged.Path);
        if (CheckpointFiles.FindDamage(staged.Path) is { } damage)
            return damage;
        writeLock?.ThrowIfSuperseded();
        staged.Publish();
        return null;
    }

    private static (int Attempt, long Step) Position(StoredCheckpoint checkpoint) => (checkpoint.Attempt, checkpoint.Step);
}
