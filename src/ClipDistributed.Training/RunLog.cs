using System.Diagnostics;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Preparation;

namespace ClipDistributed.Training;

/// <summary>
/// What a run says: to its metrics and events files, to TensorBoard, and to whoever started it. What the disk does not take
/// waits in memory until it does.
/// </summary>
/// <param name="appliedStep">Steps after it in the files are removed: they are about to be done again.</param>
/// <param name="taken">The directory's; stays the caller's.</param>
public sealed class RunLog(RunDirectory directory, long appliedStep, Action<ReplicaMessage> tell, RunDirectoryLock taken) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Queue<ReplicaMessage> waiting = new();
    private long writtenStep = appliedStep; // the last one in the files
    private bool isAway; // the disk, and that was told
    private long triedAt;
    private LogFiles? files; // null: they are to be opened, for which the disk must have room

    /// <summary>May be called from any thread. That the disk takes nothing is told, and the run goes on.</summary>
    public void Write(ReplicaMessage message)
    {
        lock (gate)
        {
            tell(message);
            waiting.Enqueue(message);
            if (!isAway || Stopwatch.GetElapsedTime(triedAt) >= Pause)
                WriteWaiting();
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            WriteWaiting();
            if (waiting.Count > 0)
                tell(new RunNotice(writtenStep, $"{waiting.Count} lines of metrics and events are missing in {directory.Root}."));
            files?.Dispose();
        }
    }

    private void WriteWaiting()
    {
        int late = waiting.Count;
        triedAt = Stopwatch.GetTimestamp();
        try
        {
            taken.ThrowIfSuperseded();
            files ??= new LogFiles(directory, writtenStep);
            for (; waiting.TryPeek(out var next); waiting.Dequeue())
            {
                files.Write(next);
                writtenStep = (next as StepMetrics)?.Step ?? writtenStep;
            }
            if (isAway)
                tell(new RunNotice(writtenStep, $"Metrics and events are written again, {late} lines that waited among them."));
            isAway = false;
        }
        catch (IOException failed)
        {
            // Half a line may be there: the files are mended when they are opened again.
            files?.Dispose();
            files = null;
            if (!isAway)
                tell(new RunNotice(writtenStep, $"Metrics and events are not written for now ({failed.Message}); they wait in memory, and training goes on."));
            isAway = true;
        }
    }
}
