using System.Diagnostics;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Model;
using ClipDistributed.Training.Optimization;

namespace ClipDistributed.Training.Checkpoints;

/// <summary>
/// Writes checkpoints while training goes on: the step is held for a copy in memory, files, hashes, publication and the
/// deletion of old ones follow on another thread, one checkpoint at a time. All members but the thread's own belong to the
/// training thread.
/// </summary>
/// <param name="copy">Stays the caller's.</param>
/// <param name="record">Is told, on the writing thread, what became of each.</param>
public sealed class CheckpointWriter(CheckpointStore store, StateCopy copy, CheckpointSchedule schedule, Action<ReplicaMessage> record) : IDisposable
{
    private readonly CancellationTokenSource abandoned = new();
    private Task<IOException?> writing = Task.FromResult<IOException?>(null);

    /// <summary>True: the copy is still being written.</summary>
    public bool IsBusy => !writing.IsCompleted;

    /// <summary>Copies the state and begins to write it; must not be called while <see cref="IsBusy"/>.</summary>
    public void Begin(CheckpointJob job, ClipModel model, IOptimizer optimizer)
    {
        Wait(); // over long since: only a defect of ours is still to be thrown
        schedule.Taken();
        long start = Stopwatch.GetTimestamp();
        copy.Take(model, optimizer);
        var held = Stopwatch.GetElapsedTime(start);
        writing = Task.Factory.StartNew(() => Write(job, held), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Waits for the writing thread.</summary>
    /// <returns>Why the last checkpoint could not be written; null: it was, or there was none.</returns>
    public IOException? Wait() => writing.GetAwaiter().GetResult();

    /// <summary>
    /// What is being written is abandoned and leaves nothing behind: who is no longer the writer of a run must not publish.
    /// Waits until it is so, for a buffer's or at most a file's way to the disk.
    /// </summary>
    public void Dispose()
    {
        abandoned.Cancel();
        try
        {
            Wait();
        }
        finally
        {
            abandoned.Dispose();
        }
    }

    /// <summary>On a thread of its own.</summary>
    private IOException? Write(CheckpointJob job, TimeSpan held)
    {
        long start = Stopwatch.GetTimestamp();
        long step = job.State.Step;
        try
        {
            string folder = store.Save(job.State, copy, job.Preprocess, job.Tokenizer, abandoned.Token);
            schedule.Written();
            record(new CheckpointSaved(step, folder, held.TotalSeconds, Stopwatch.GetElapsedTime(start).TotalSeconds));
            Follow(job);
            return null;
        }
        catch (OperationCanceledException) when (abandoned.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            schedule.Failed();
            if (!job.State.CleanStop) // there it is told as the end of the run
                record(new RunNotice(step, $"The checkpoint of step {step} could not be written ({failed.Message}); training goes on and tries again soon, the last good one is kept."));
            return failed as IOException ?? new IOException(failed.Message, failed);
        }
    }

    private void Follow(CheckpointJob job)
    {
        try
        {
            job.Published();
            store.Prune(job.Attempts, job.Keep, abandoned.Token);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            record(new RunNotice(job.State.Step, $"The checkpoint of step {job.State.Step} is written, but the run's time or the deletion of old ones is not ({failed.Message}); the next one makes up for it."));
        }
    }
}

/// <summary>What a checkpoint holds beside the state's tensors, and what follows its publication.</summary>
/// <param name="Tokenizer">The tokenizer file that belongs to the model.</param>
/// <param name="Attempts">Of the run, up to now.</param>
/// <param name="Keep">Checkpoints to keep along the line that led here.</param>
/// <param name="Published">Called on the writing thread once the checkpoint is there.</param>
public sealed record CheckpointJob(CheckpointState State, PreprocessConfig Preprocess, string Tokenizer, IReadOnlyList<RunAttempt> Attempts, uint Keep, Action Published);
