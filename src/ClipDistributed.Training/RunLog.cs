using ClipDistributed.Contracts.Runs;
using ClipDistributed.Training.TensorBoard;

namespace ClipDistributed.Training;

/// <summary>What a run says: to its metrics and events files, to TensorBoard, and to whoever started it.</summary>
public sealed class RunLog : IDisposable
{
    private readonly StreamWriter metrics;
    private readonly StreamWriter events;
    private readonly EventFile board;
    private readonly Action<ReplicaMessage> tell;
    private readonly Lock gate = new();
    private long linesLost;

    /// <param name="appliedStep">Steps after it in the metrics file are removed: they are about to be done again.</param>
    public RunLog(RunDirectory directory, long appliedStep, Action<ReplicaMessage> tell)
    {
        this.tell = tell;
        KeepUntil(directory.Metrics, appliedStep);
        board = new EventFile(directory.TensorBoard, appliedStep, TimeProvider.System);
        EndTornLine(directory.Events);
        metrics = new StreamWriter(directory.Metrics, append: true) { AutoFlush = true };
        events = new StreamWriter(directory.Events, append: true) { AutoFlush = true };
    }

    /// <summary>May be called from any thread. A line that the disk does not take is told, and the run goes on.</summary>
    public void Write(ReplicaMessage message)
    {
        lock (gate)
        {
            tell(message);
            try
            {
                board.Write(message);
                (message is StepMetrics or EvaluationMetrics or RetrievalMetrics ? metrics : events).WriteLine(message.ToJson());
            }
            catch (IOException failed)
            {
                if (linesLost++ == 0)
                    tell(new RunNotice(0, $"Metrics and events are not written for now ({failed.Message}); training goes on."));
            }
        }
    }

    public void Dispose()
    {
        metrics.Dispose();
        events.Dispose();
        board.Dispose();
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
