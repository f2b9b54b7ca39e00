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
/// <param name="taken">The right to write, asked for before anything is published or deleted; stays the caller's. Null: nobody else is
/// there.</param>
public sealed class CheckpointStore(RunDirectory directory, S3Checkpoints? bucket = null, RunDirectoryLock? taken = null)
{
    private const string TemporaryPrefix = ".tmp-";

    // What lies behind a link is not this run's to delete.
    private static readonly EnumerationOptions NoLinks = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
    };

    private readonly DiskCheckpoints disk = new(directory);

    /// <summary>Writes a checkpoint and returns its folder. A write that fails or is cancelled leaves nothing behind.</summary>
    /// <param name="tokenizer">The tokenizer file that belongs to the model.</param>
    /// <exception cref="IOException">The disk is full, the folder is away, or a later generation writes there.</exception>
    public string Save(
        CheckpointState state,
        StateCopy copy,
        PreprocessConfig preprocess,
        string tokenizer,
        CancellationToken cancel = default
    )
    {
        taken?.ThrowIfSuperseded();
        DeleteLeftOvers(); // first: what they take is needed, above all on a full disk
        string target = directory.Checkpoint(state.Attempt, state.Step);
        string temporary = TemporaryOf(target);
        try
        {
            Directory.CreateDirectory(temporary, GuardedFile.OwnerOnlyFolder);
            var words = TokenizerFolder.Of(tokenizer);
            var config = new ModelFolderConfig { ModelCfg = copy.Config, PreprocessCfg = preprocess, HasTokenizer = words.IsOpenToOthers };
            ModelFolder.Write(temporary, config, copy.Parameters, cancel);
            OptimizerFile.Write(temporary, copy, cancel);
            words.Write(temporary, copy.Config.TextCfg.ContextLength);
            DurableFile.WriteAllText(
                Path.Combine(temporary, CheckpointState.FileName), JsonSerializer.Serialize(state, CheckpointState.Json) + "\n");
            CheckpointFiles.Write(temporary, state.Step, cancel);
            cancel.ThrowIfCancellationRequested();
            taken?.ThrowIfSuperseded();
            Publish(temporary, target);
            return target;
        }
        catch
        {
            DeleteIfThere(temporary);
            throw;
        }
    }

    /// <summary>
    /// Sends to S3, where checkpoints are kept there, what it lacks of the newest <paramref name="keep"/> along the line that
    /// led to the last attempt. The oldest goes first, and before it one that is partly sent: so a bad line makes progress too.
    /// </summary>
    /// <param name="record">Is told of each.</param>
    /// <exception cref="BadInputException">The place in S3 belongs to another run.</exception>
    /// <exception cref="IOException">S3 does not answer, or refuses. What it has taken is not sent again.</exception>
    public void Upload(IReadOnlyList<RunAttempt> attempts, uint keep, Action<RunRecord> record, CancellationToken cancel = default)
    {
        if (bucket is null)
            return;
        var there = bucket.List(cancel).Select(Position).ToHashSet();
        var lacking = Line(disk, attempts)
            .Where((local, newer) => (newer < keep || S3Checkpoints.IsUnderWay(local)) && !there.Contains(Position(local)));
        foreach (var local in lacking.Reverse().Where(local => disk.FindDamage(local, cancel) is null))
        {
            taken?.ThrowIfSuperseded();
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
    /// Deletes all but the newest <paramref name="keep"/> along the line that led to the last attempt. The older ones go only
    /// when one of the newest verifies: the last good checkpoint is never deleted.
    /// </summary>
    /// <param name="sent">S3, where checkpoints are kept there, has all of them: then it keeps so many, and the run directory the newest
    /// alone.</param>
    public void Prune(IReadOnlyList<RunAttempt> attempts, uint keep, bool sent = true, CancellationToken cancel = default)
    {
        taken?.ThrowIfSuperseded();
        int kept = (int)Math.Clamp(keep, 1, int.MaxValue), keptHere = bucket is not null && sent ? 1 : kept;
        var here = Line(disk, attempts).ToList();
        if (here.Count > keptHere && here.Take(keptHere).Any(newest => disk.FindDamage(newest, cancel) is null))
        {
            foreach (var old in here.Skip(keptHere).Where(old => !S3Checkpoints.IsUnderWay(old)))
                disk.Delete(old);
        }
        if (bucket is null || !sent)
            return;
        // The newest was read and sent just now, and S3 verifies the content of every request.
        foreach (var old in Line(bucket, attempts, cancel).Skip(kept))
            bucket.Delete(old, cancel);
    }

    /// <summary>The step of the newest checkpoint in the run directory along the line that led to the last attempt, whole or not; 0: there
    /// is none.</summary>
    public long NewestStep(IReadOnlyList<RunAttempt> attempts) => Line(disk, attempts).FirstOrDefault()?.Step ?? 0;

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
            return false; // whoever then saves it learns, and says, what S3 answers
        }
    }

    /// <summary>
    /// The newest checkpoint of a run that verifies, along the line that led to its last attempt; null where there is none.
    /// What is damaged is passed over and named in <paramref name="damage"/>. One that S3 alone has is fetched.
    /// </summary>
    /// <exception cref="IOException">The run directory has none, and S3 does not answer.</exception>
    public FoundCheckpoint? FindNewest(IReadOnlyList<RunAttempt> attempts, out IReadOnlyList<string> damage)
    {
        var problems = new List<string>();
        damage = problems;
        var silence = ListBucket(attempts, out var kept);
        if (silence is not null)
            problems.Add($"{silence.Message}.");
        foreach (
            var found in Line(disk, attempts).Concat(kept).OrderByDescending(found => found.Attempt).ThenByDescending(found => found.Step)
        ) // stable: here before there
        {
            string? problem = kept.Contains(found) ? Fetch(found, out var local) : disk.FindDamage(local = found);
            if (problem is null && (problem = CheckpointState.TryRead(local.Path, out var state)) is null)
                return new FoundCheckpoint(local.Path, state!);
            problems.Add($"The checkpoint {found.Path} is damaged ({problem}).");
        }
        return silence is null ? null : throw silence;
    }

    /// <summary>Fills the model and the optimizer.</summary>
    public static void Load(FoundCheckpoint checkpoint, ClipModel model, IOptimizer optimizer)
    {
        ModelFolder.ReadWeights(checkpoint.Folder, model);
        OptimizerFile.Read(checkpoint.Folder, optimizer, model.Parameters);
    }

    /// <summary>The checkpoints that led to the last attempt's newest one, newest first.</summary>
    private static IEnumerable<StoredCheckpoint> Line(
        ICheckpointPlace place,
        IReadOnlyList<RunAttempt> attempts,
        CancellationToken cancel = default
    )
    {
        var all = place.List(cancel);
        long newest = long.MaxValue;
        for (
            var attempt = attempts.LastOrDefault();
            attempt is not null;
            attempt = attempts.FirstOrDefault(other => other.Number == attempt.FromAttempt)
        )
        {
            foreach (var found in all.Where(found => found.Attempt == attempt.Number && found.Step <= newest))
                yield return found;
            newest = Math.Min(newest, attempt.FromStep);
        }
    }

    /// <summary>Null, or why S3 does not say what it has.</summary>
    private IOException? ListBucket(IReadOnlyList<RunAttempt> attempts, out IReadOnlyList<StoredCheckpoint> kept)
    {
        kept = [];
        try
        {
            if (bucket is not null)
                kept = [.. Line(bucket, attempts)];
            return null;
        }
        catch (IOException silent)
        {
            return silent;
        }
    }

    /// <summary>Brings a checkpoint from S3 into the run directory, if it is whole.</summary>
    /// <returns>Null, or what is wrong with it.</returns>
    private string? Fetch(StoredCheckpoint kept, out StoredCheckpoint local)
    {
        taken?.ThrowIfSuperseded(); // several may fetch it, and whoever began last does it
        DeleteLeftOvers();
        string target = directory.Checkpoint(kept.Attempt, kept.Step), temporary = TemporaryOf(target);
        local = kept with { Path = target };
        try
        {
            bucket!.Download(kept, temporary);
            if (CheckpointFiles.FindDamage(temporary) is { } damage)
                return damage;
            taken?.ThrowIfSuperseded();
            Publish(temporary, target);
            return null;
        }
        finally
        {
            DeleteIfThere(temporary);
        }
    }

    /// <summary>
    /// Of this write alone: process ids come again, in containers always, hosts may share the folder, and others may look into it.
    /// </summary>
    private static string TemporaryOf(string target) =>
        Path.Combine(Path.GetDirectoryName(target)!, $"{TemporaryPrefix}{Path.GetFileName(target)}-{Guid.NewGuid():N}");

    /// <summary>In place of one of this attempt and step, which has the same content or is damaged.</summary>
    private static void Publish(string temporary, string target)
    {
        DeleteIfThere(target);
        DurableFile.MoveFolder(temporary, target);
    }

    private static (int Attempt, long Step) Position(StoredCheckpoint checkpoint) => (checkpoint.Attempt, checkpoint.Step);

    /// <summary>What interrupted writes left: whoever holds the run directory's lock is alone, and who held it before may not
    /// publish.</summary>
    private void DeleteLeftOvers()
    {
        if (!Directory.Exists(directory.Checkpoints))
            return;
        foreach (string leftOver in Directory.EnumerateDirectories(directory.Checkpoints, $"{TemporaryPrefix}*", NoLinks))
            Directory.Delete(leftOver, recursive: true);
    }

    private static void DeleteIfThere(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
