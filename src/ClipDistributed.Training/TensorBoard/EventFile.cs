using System.Globalization;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Training.TensorBoard;

/// <summary>
/// A folder of TensorBoard event files to which one process at a time adds. Steps that are about to be done again are cut
/// off the older files; a reader that has shown them already is told so by the head of the new file.
/// </summary>
public sealed class EventFile : IDisposable
{
    private readonly TimeProvider time;
    private readonly PatientFile file;

    /// <param name="appliedStep">Scalars of later steps are removed.</param>
    public EventFile(string folder, long appliedStep, TimeProvider time)
    {
        this.time = time;
        Directory.CreateDirectory(folder);
        string[] before = [.. Directory.GetFiles(folder, "events.out.tfevents.*").Order(StringComparer.Ordinal)];
        foreach (string older in before)
            Cut(older, appliedStep);
        // Readers take the files in the order of their names.
        int number = before.Length == 0 ? 0 : NumberOf(before[^1]) + 1;
        file = new PatientFile(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{number:000000}")), FileMode.CreateNew);
        Append(BoardEvent.Version(Now));
        Append(BoardEvent.SessionStart(Now, appliedStep + 1));
    }

    /// <summary>Records that the disk has not taken yet.</summary>
    public int Waiting => file.Waiting;

    /// <summary>Records that found no room in memory either.</summary>
    public long Lost => file.Lost;

    /// <summary>Takes the numbers of a step or an evaluation, which <see cref="Flush"/> writes; other messages have none.</summary>
    public void Write(ReplicaMessage message)
    {
        switch (message)
        {
            case StepMetrics step:
                Append(BoardEvent.Scalars(Now, step.Step, BoardScalars.Of(step)));
                break;
            case EvaluationMetrics evaluation:
                Append(BoardEvent.Scalars(Now, evaluation.Step, BoardScalars.Of(evaluation)));
                break;
            case RetrievalMetrics retrieval:
                Append(BoardEvent.Scalars(Now, retrieval.Step, BoardScalars.Of(retrieval)));
                break;
        }
    }

    /// <exception cref="IOException">The disk does not take all of it; the rest is kept.</exception>
    public void Flush() => file.Flush();

    public void Dispose() => file.Dispose();

    private double Now => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;

    private void Append(byte[] message) => file.Add(RecordFrame.Wrap(message));

    private static int NumberOf(string path) => int.TryParse(Path.GetExtension(path).TrimStart('.'), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;

    /// <summary>Ends the file before its first record of a later step, or that a killed process left torn. Steps only grow inside a file.</summary>
    private static void Cut(string path, long appliedStep)
    {
        using var older = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        long end = 0;
        while (RecordFrame.TryRead(older) is { } message && BoardEvent.StepOf(message) <= appliedStep)
            end = older.Position;
        older.SetLength(end);
    }
}
