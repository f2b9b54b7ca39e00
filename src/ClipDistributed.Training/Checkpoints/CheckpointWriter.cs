using System.Diagnostics;
using System.Numerics;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Checkpoints;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Model;
using ClipDistributed.Training.Optimization;

namespace ClipDistributed.Training.Checkpoints;

/// <summary>
/// Writes checkpoints while training goes on: the step is held for a copy in memory, files, hashes, publication and the
/// deletion of old ones follow on another thread, one checkpoint at a time. All members but the thread's own belong to the
/// training thread.
/// </summary>
/// <param name="copy">Stays the caller's.</param>
/// <param name="record">Receives the outcome of each, on the writing thread.</param>
/// <param name="lastTimeout">For how long the last checkpoint of a run is retried, to be written and then to be sent to where checkpoints
/// are kept.</param>
public sealed class CheckpointWriter(
    CheckpointStore store,
    StateCopy copy,
    CheckpointSchedule schedule,
    Action<RunRecord> record,
    TimeSpan lastTimeout
) : IDisposable
{
    private static readonly Backoff Pause = new(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(15));

    private readonly CancellationTokenSource abandoned = new();
    private Task<IOException?> writing = Task.FromResult<IOException?>(null);

    /// <summary>True: the copy is still being written.</summary>
    public bool IsBusy => !writing.IsCompleted;

    /// <summary>Copies the state and begins to write it; must not be called while <see cref="IsBusy"/>.</summary>
    public void Begin(CheckpointJob job, ClipModel model, IOptimizer optimizer)
    {
        Wait(); // it has ended: only a bug can still be thrown
        schedule.OnTaken();
        long start = Stopwatch.GetTimestamp();
        copy.Take(model, optimizer);
        var held = Stopwatch.GetElapsedTime(start);
        writing = Task.Factory.StartNew(
            () => Write(job, held),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
    }

    /// <summary>Waits for the writing thread.</summary>
    /// <returns>Why the last checkpoint is not where it is kept; null: it is, or there was none.</returns>
    public IOException? Wait() => writing.GetAwaiter().GetResult();

    /// <summary>
    /// What is being written is abandoned and deleted: a replica that is no longer the writer of a run must not publish.
    /// Waits for that, as long as one buffer or at most one file takes to reach the disk.
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
        bool isSaved = false;
        try
        {
            string folder = Save(job);
            isSaved = true;
            var saved = new CheckpointSaved
            {
                Step = step,
                Path = folder,
                HeldSeconds = held.TotalSeconds,
                WriteSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds,
            };
            record(new RunRecord { Checkpoint = saved });
            RunAfterwards(step, job.Published);
            var failed = Send(job);
            if (failed is null)
                schedule.OnWritten();
            else
                OnFailed(job, failed.Message);
            RunAfterwards(step, () => store.Prune(job.Attempts, job.Keep, sent: failed is null, abandoned.Token));
            return failed;
        }
        catch (OperationCanceledException) when (abandoned.IsCancellationRequested)
        {
            if (!isSaved)
                schedule.Defer();
            return null;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            string what = $"The checkpoint of step {step} could not be written ({failed.Message}); the last good one is kept";
            OnFailed(job, what);
            return new IOException($"{what}, and what was trained since is lost.", failed);
        }
    }

    /// <summary>To the run directory. The last one of a run is retried until the disk has room: no other follows it.</summary>
    private string Save(CheckpointJob job)
    {
        long start = Stopwatch.GetTimestamp();
        for (int tries = 1; ; tries++)
        {
            try
            {
                return store.Save(job.State, copy, job.Preprocess, job.Tokenizer, abandoned.Token);
            }
            catch (Exception failed) when (failed is IOException and not DirectorySupersededException or UnauthorizedAccessException
                && job.State.CleanStop && Stopwatch.GetElapsedTime(start) <= lastTimeout)
            {
                if (tries == 1)
                    record(NoticeRecord.Of(job.State.Step, $"The checkpoint of step {job.State.Step} could not be written "
                        + $"({failed.Message}); it is the last one, so it is retried for {lastTimeout.TotalMinutes:0.#} minutes: make "
                        + $"room, or repair the disk."));
                Wait(tries);
            }
        }
    }

    private void Wait(int tries)
    {
        abandoned.Token.WaitHandle.WaitOne(Pause.After(tries, Random.Shared.NextDouble()));
        abandoned.Token.ThrowIfCancellationRequested();
    }

    /// <summary>A place that stays unavailable is reported more and more rarely.</summary>
    private void OnFailed(CheckpointJob job, string what)
    {
        int times = schedule.OnFailed();
        if (!job.State.CleanStop && BitOperations.IsPow2(times)) // a clean stop reports it as the end of the run
            record(
                NoticeRecord.Of(
                    job.State.Step,
                    $"{what}; training goes on and retries "
                        + $"soon.{(times > 1 ? $" It has failed {Counted.Plain(times, "time")} in a row." : "")}"
                )
            );
    }

    /// <summary>To where checkpoints are kept. The last one of a run is retried for a while: no other follows it.</summary>
    /// <returns>Why it is not there; null: it is.</returns>
    private IOException? Send(CheckpointJob job)
    {
        long start = Stopwatch.GetTimestamp(), step = job.State.Step;
        for (int tries = 1; ; tries++)
        {
            try
            {
                store.Upload(job.Attempts, job.Keep, record, abandoned.Token);
                return null;
            }
            catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or BadInputException)
            {
                string what = $"The checkpoint of step {step} is in the run directory, but could not be sent ({failed.Message})";
                bool isOver =
                    !job.State.CleanStop
                    || failed is BucketRefusedException or BadInputException
                    || Stopwatch.GetElapsedTime(start) > lastTimeout;
                if (isOver && job.State.CleanStop)
                    return new IOException($"{what}; a resume sends it.", failed);
                if (isOver)
                    return new IOException(what, failed);
                if (tries == 1)
                    record(
                        NoticeRecord.Of(step, $"{what}; it is the last one, so it is retried for {lastTimeout.TotalMinutes:0.#} minutes.")
                    );
                Wait(tries);
            }
        }
    }

    private void RunAfterwards(long step, Action act)
    {
        try
        {
            act();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            record(
                NoticeRecord.Of(
                    step,
                    $"The checkpoint of step {step} is written, but the run's time or the deletion of old ones is not "
                        + $"({failed.Message}); the next one makes up for it."
                )
            );
        }
    }
}
