using System.Diagnostics;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Preparation;

namespace ClipDistributed.Training.Logs;

/// <summary>
/// Writes what a run reports to its metrics and events files, to TensorBoard, and to its caller. What the disk does not take
/// waits in memory until it does.
/// </summary>
/// <param name="appliedStep">Steps after it in the files are removed: they are about to be repeated.</param>
/// <param name="report">Receives each message, too.</param>
/// <param name="writeLock">The directory's; stays the caller's.</param>
/// <param name="host">That this replica runs on, as the coordinator names it; null: the machine's name.</param>
public sealed class RunLog(
    RunDirectory directory,
    long appliedStep,
    Action<RunRecord> report,
    RunDirectoryLock writeLock,
    string? host = null
) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Queue<RunRecord> waiting = new();
    private long? lastStep; // that was reported
    private LogFiles? files; // null: not opened yet, for which the disk must have room
    private long? outageSince; // of the disk; null: there is none
    private long lastTry;

    /// <summary>May be called from any thread. An outage of the disk is reported, and the run goes on.</summary>
    public void Write(RunRecord record)
    {
        lock (gate)
        {
            lastStep = record.Step?.Step ?? lastStep;
            Enqueue(record);
            if (outageSince is null || Stopwatch.GetElapsedTime(lastTry) >= Pause)
                WriteWaiting();
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            WriteWaiting();
            if (waiting.Count > 0)
                report(
                    NoticeRecord.Of(
                        lastStep ?? appliedStep,
                        $"{Counted.Plain(waiting.Count, "record")} of metrics and events could not be "
                            + $"written and {(waiting.Count == 1 ? "is" : "are")} missing in {directory.Root}."
                    )
                );
            files?.Dispose();
        }
    }

    private void Enqueue(RunRecord record)
    {
        report(record);
        waiting.Enqueue(record.Stamped(DateTimeOffset.UtcNow, host ?? Environment.MachineName));
    }

    private void WriteWaiting()
    {
        int waited = waiting.Count;
        lastTry = Stopwatch.GetTimestamp();
        try
        {
            writeLock.ThrowIfSuperseded();
            files ??= LogFiles.Open(directory, appliedStep);
            WriteAll(files);
            if (outageSince is not { } since)
                return;
            outageSince = null;
            Enqueue(
                NoticeRecord.Of(
                    lastStep ?? appliedStep,
                    $"Metrics and events are written again: {Counted.Plain(waited, "record")} had waited "
                        + $"in memory for {Stopwatch.GetElapsedTime(since).TotalSeconds:0} s."
                )
            );
            WriteAll(files);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException && outageSince is null)
        {
            outageSince = lastTry;
            Enqueue(
                NoticeRecord.Of(
                    lastStep ?? appliedStep,
                    $"Metrics and events are not written for now ({failed.Message.TrimEnd('.')}); they "
                        + $"wait in memory, and training goes on."
                )
            );
        }
        catch (Exception still) when (still is IOException or UnauthorizedAccessException)
        {
            // The outage goes on; it was reported.
        }
    }

    private void WriteAll(LogFiles files)
    {
        for (; waiting.TryPeek(out var next); waiting.Dequeue())
            files.Write(next);
    }
}
