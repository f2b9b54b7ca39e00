using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Model.Folders;
using ClipDistributed.Training.Checkpoints;
using ClipDistributed.Training.States;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Runs;

/// <summary>Where a state that was not in memory came from.</summary>
/// <param name="Lock">Held from before the search for the newest checkpoint, so that no other process adds a newer one.</param>
/// <param name="Attempts">Of the run, the one that goes on or begins being the last.</param>
/// <param name="Notices">For the user.</param>
internal sealed record RestoredState(RunDirectoryLock Lock, IReadOnlyList<RunAttempt> Attempts, IReadOnlyList<string> Notices)
{
    /// <summary>For a process that is about to end.</summary>
    public static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Fills the state: from the newest checkpoint that verifies, else from the spec's folder, else from the seed.</summary>
    /// <param name="claim">Of a coordinator's replica; null: of the only one.</param>
    /// <exception cref="BadInputException">There are checkpoints, but none can be used; or another process writes to the
    /// directory.</exception>
    public static RestoredState Fill(RunContext run, TrainState state, WriterClaim? claim)
    {
        var writeLock = RunDirectoryLock.Take(run.Directory, LockTimeout, claim);
        try
        {
            return Fill(run, state, writeLock);
        }
        catch
        {
            writeLock.Dispose();
            throw;
        }
    }

    private static RestoredState Fill(RunContext run, TrainState state, RunDirectoryLock writeLock)
    {
        var before = RunInfo.Load(run.Directory.Info);
        var checkpoints = new CheckpointStore(run.Directory, run.Bucket, writeLock);
        var found = checkpoints.FindNewest(before.Attempts, out var damage);
        if (found is null && damage.Count > 0)
            throw new BadInputException([
                .. damage,
                $"No checkpoint in {run.Directory.Checkpoints} verifies; restore one of them, or start a new run in another run_directory.",
            ]);
        if (found is null)
        {
            state.Model.Parameters.Initialize(run.Spec.Seed);
            var changed = run.Spec.Model.InitFrom != "" ? StartWeights.Load(run.Spec.Model.InitFrom, state.Model) : [];
            state.AppliedStep = 0;
            return new RestoredState(writeLock, [.. before.Attempts, new RunAttempt(before.Attempts.Count + 1, 0, 0)], changed);
        }
        if (!run.Prepared.Manifest.Knows(found.State.ManifestDigest))
            throw new BadInputException($"{found.Folder} was taken with other training data; restore the shards, or start a new run.");
        CheckpointStore.Load(found, state.Model, state.Optimizer);
        state.AppliedStep = found.State.Step;
        // No step followed a clean stop, so its attempt goes on; anything else begins a new one.
        bool sameAttempt =
            found.State.CleanStop
            && found.State.Attempt == before.Attempts[^1].Number
            && damage.Count == 0
            && LastStepInMetrics(run.Directory) <= found.State.Step;
        return new RestoredState(
            writeLock,
            before.Attempts[^1] is { IsPlanned: true } last
            && (last.FromAttempt, last.FromStep) == (found.State.Attempt, found.State.Step)
                ? [.. before.Attempts.SkipLast(1), last with { IsPlanned = false }]
            : sameAttempt ? before.Attempts
            : [.. before.Attempts, new RunAttempt(before.Attempts.Count + 1, found.State.Attempt, found.State.Step)],
            [.. damage.Select(problem => $"{problem} The one of step {found.State.Step} is used."), .. ThreadsNotice(before)]
        );
    }

    private static IEnumerable<string> ThreadsNotice(RunInfo before)
    {
        if (before.Threads != get_num_threads())
            yield return $"This run used {Counted.Plain(before.Threads, "thread")} so far and {get_num_threads()} from here on: sums are "
                + $"rounded otherwise, so losses will agree to about 1e-6 instead of bit for bit.";
    }

    private static long LastStepInMetrics(RunDirectory directory) =>
        File.Exists(directory.Metrics)
            ? RunLines.Read(directory.Metrics).OfType<string>().Select(line => RunRecordJson.TryParse(line)?.Step?.Step).OfType<long>()
                .LastOrDefault()
            : 0;
}
