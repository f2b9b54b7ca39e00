using System.Diagnostics;
using System.Globalization;
using System.Text;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Training.TensorBoard;

namespace ClipDistributed.Training;

/// <summary>What a run says: to its metrics and events files, to TensorBoard, and to whoever started it.</summary>
public sealed class RunLog : IDisposable
{
    private readonly PatientFile metrics;
    private readonly PatientFile events;
    private readonly EventFile board;
    private readonly Action<ReplicaMessage> tell;
    private readonly Lock gate = new();
    private long step; // the last one that was told
    private long? refusedSince; // by the disk

    /// <param name="appliedStep">Steps after it in the metrics file are removed: they are about to be done again.</param>
    public RunLog(RunDirectory directory, long appliedStep, Action<ReplicaMessage> tell)
    {
        this.tell = tell;
        KeepUntil(directory.Metrics, appliedStep);
        board = new EventFile(directory.TensorBoard, appliedStep, TimeProvider.System);
        EndTornLine(directory.Events);
        metrics = new PatientFile(directory.Metrics, FileMode.OpenOrCreate);
        events = new PatientFile(directory.Events, FileMode.OpenOrCreate);
        step = appliedStep;
    }

    /// <summary>May be called from any thread. What the disk does not take waits in memory, which is told, and the run goes on.</summary>
    public void Write(ReplicaMessage message)
    {
        lock (gate)
        {
            step = message is StepMetrics done ? done.Step : step;
            Add(message);
            board.Write(message);
            int waited = Waiting;
            if (Flush() is { } failed && refusedSince is null)
            {
                refusedSince = Stopwatch.GetTimestamp();
                Add(new RunNotice(step, $"Metrics and events are not written for now ({failed.Message.TrimEnd('.')}); they wait in memory, and training goes on."));
            }
            else if (Waiting == 0 && refusedSince is { } since)
            {
                refusedSince = null;
                string lost = metrics.Lost + events.Lost + board.Lost > 0 ? $" {metrics.Lost + events.Lost + board.Lost} more found no room there and are lost." : "";
                Add(new RunNotice(step, string.Create(CultureInfo.InvariantCulture, $"Metrics and events are written again: {waited} records had waited in memory for {Stopwatch.GetElapsedTime(since).TotalSeconds:0} s.{lost}")));
                Flush();
            }
        }
    }

    private int Waiting => metrics.Waiting + events.Waiting + board.Waiting;

    private void Add(ReplicaMessage message)
    {
        tell(message);
        (message is StepMetrics or EvaluationMetrics or RetrievalMetrics ? metrics : events).Add(Encoding.UTF8.GetBytes(message.ToJson() + "\n"));
    }

    /// <returns>Why the disk did not take all; null: it did.</returns>
    private IOException? Flush()
    {
        IOException? first = null;
        foreach (var flush in new Action[] { metrics.Flush, events.Flush, board.Flush })
        {
            try
            {
                flush();
            }
            catch (IOException failed)
            {
                first ??= failed;
            }
        }
        return first;
    }

    public void Dispose()
    {
        lock (gate)
        {
            if (Flush() is { } failed)
                tell(new RunNotice(step, $"{Waiting} records of metrics and events could not be written and are lost ({failed.Message.TrimEnd('.')})."));
            metrics.Dispose();
            events.Dispose();
            board.Dispose();
        }
    }

    /// <summary>A killed process may have left half a line; the next one must not be glued to it.</summary>
    private static void EndTornLine(string path)
    {
        using var file = new FileStream(path, FileMode.OpenOrCreate);
        if (file.Length == 0)
            return;
        file.Seek(-1, SeekOrigin.End);
        if (file.ReadByte() != '\n')
            file.WriteByte((byte)'\n');
    }

    private static void KeepUntil(string path, long step)
    {
        if (!File.Exists(path))
            return;
        // A torn last line of a killed process is no message and goes too.
        var kept = File.ReadLines(path).Where(line => ReplicaMessage.TryParse(line) switch
        {
            StepMetrics done => done.Step <= step,
            EvaluationMetrics done => done.Step <= step,
            RetrievalMetrics done => done.Step <= step,
            _ => false,
        });
        File.WriteAllLines(path + ".tmp", kept);
        File.Move(path + ".tmp", path, overwrite: true);
    }
}
