using System.Diagnostics;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Preparation;

namespace ClipDistributed.Training.Logs;

/// <summary>
/// What a run says: to its metrics and events files, to TensorBoard, and to whoever started it. What the disk does not take
/// waits in memory until it does.
/// </summary>
/// <param name="appliedStep">Steps after it in the files are removed: they are about to be done again.</param>
/// <param name="taken">The directory's; stays the caller's.</param>
/// <param name="host">That this replica runs on, as the coordinator names it; null: the machine's name.</param>
public sealed class RunLog(
    RunDirectory directory,
    long appliedStep,
    Action<RunRecord> tell,
    RunDirectoryLock taken,
    string? host = null
) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Queue<RunRecord> waiting = new();
    private long? told; // the last step
    private LogFiles? files; // null: they are to be opened, for which the disk must have room
    private long? awaySince; // the disk; null: it is not
    private long triedAt;

    /// <summary>May be called from any thread. That the disk takes nothing is told, and the run goes on.</summary>
    public void Write(RunRecord record)
    {
        lock (gate)
        {
            told = record.Step?.Step ?? told;
            Tell(record);
            if (awaySince is null || Stopwatch.GetElapsedTime(triedAt) >= Pause)
                WriteWaiting();
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            WriteWaiting();
            if (waiting.Count > 0)
                tell(
                    NoticeRecord.Of(
                        told ?? appliedStep,
                        $"{Counted.Plain(waiting.Count, "record")} of metrics and events could not be "
                            + $"written and {(waiting.Count == 1 ? "is" : "are")} missing in {directory.Root}."
                    )
                );
            files?.Dispose();
        }
    }

    private void Tell(RunRecord record)
    {
        tell(record);
        waiting.Enqueue(record.Stamped(DateTimeOffset.UtcNow, host ?? Environment.MachineName));
    }

    private void WriteWaiting()
    {
        int waited = waiting.Count;
        triedAt = Stopwatch.GetTimestamp();
        try
        {
            taken.ThrowIfSuperseded();
            files ??= new LogFiles(directory, appliedStep);
            WriteAll(files);
            if (awaySince is not { } since)
                return;
            awaySince = null;
            Tell(
                NoticeRecord.Of(
                    told ?? appliedStep,
                    $"Metrics and events are written again: {Counted.Plain(waited, "record")} had waited "
                        + $"in memory for {Stopwatch.GetElapsedTime(since).TotalSeconds:0} s."
                )
            );
            WriteAll(files);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException && awaySince is null)
        {
            awaySince = triedAt;
            Tell(
                NoticeRecord.Of(
                    told ?? appliedStep,
                    $"Metrics and events are not written for now ({failed.Message.TrimEnd('.')}); they "
                        + $"wait in memory, and training goes on."
                )
            );
        }
        catch (Exception still) when (still is IOException or UnauthorizedAccessException)
        {
            // Still: it was told.
        }
    }

    private void WriteAll(LogFiles files)
    {
        for (; waiting.TryPeek(out var next); waiting.Dequeue())
            files.Write(next);
    }
}
