using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Training;

/// <summary>What a run says: to its metrics and events files, and to whoever started it.</summary>
public sealed class RunLog : IDisposable
{
    private readonly StreamWriter metrics;
    private readonly StreamWriter events;
    private readonly Action<ReplicaMessage> tell;
    private readonly Lock gate = new();

    /// <param name="appliedStep">Steps after it in the metrics file are removed: they are about to be done again.</param>
    public RunLog(RunDirectory directory, long appliedStep, Action<ReplicaMessage> tell)
    {
        this.tell = tell;
        KeepUntil(directory.Metrics, appliedStep);
        metrics = new StreamWriter(directory.Metrics, append: true) { AutoFlush = true };
        events = new StreamWriter(directory.Events, append: true) { AutoFlush = true };
    }

    /// <summary>May be called from any thread.</summary>
    public void Write(ReplicaMessage message)
    {
        lock (gate)
        {
            (message is StepMetrics or EvaluationMetrics ? metrics : events).WriteLine(message.ToJson());
            tell(message);
        }
    }

    public void Dispose()
    {
        metrics.Dispose();
        events.Dispose();
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
            _ => false,
        });
        File.WriteAllLines(path + ".tmp", kept);
        File.Move(path + ".tmp", path, overwrite: true);
    }
}
