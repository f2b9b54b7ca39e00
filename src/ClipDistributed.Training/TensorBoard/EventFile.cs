using System.Globalization;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Training.TensorBoard;

/// <summary>
/// A folder of TensorBoard event files to which one process at a time adds. Steps that are about to be done again are cut
/// off the older files; a reader that has shown them already is told so by the head of the new file.
/// </summary>
public sealed class EventFile : IDisposable
{
    private readonly FileStream file;

    /// <param name="appliedStep">Scalars of later steps are removed.</param>
    /// <param name="told">When the session that begins did.</param>
    public EventFile(string folder, long appliedStep, DateTimeOffset told)
    {
        Directory.CreateDirectory(folder);
        string[] before = [.. Directory.GetFiles(folder, "events.out.tfevents.*").Order(StringComparer.Ordinal)];
        foreach (string older in before)
            Cut(older, appliedStep);
        // Readers take the files in the order of their names.
        int number = before.Length == 0 ? 0 : NumberOf(before[^1]) + 1;
        file = new FileStream(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{number:000000}")), FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        try
        {
            Append(BoardEvent.Version(Seconds(told)));
            Append(BoardEvent.SessionStart(Seconds(told), appliedStep + 1));
        }
        catch
        {
            file.Dispose();
            File.Delete(file.Name);
            throw;
        }
    }

    /// <summary>Writes the numbers of a step or an evaluation; other messages have none.</summary>
    /// <exception cref="IOException">The disk does not take it; part of it may be there.</exception>
    public void Write(ReplicaMessage message, DateTimeOffset told)
    {
        switch (message)
        {
            case StepMetrics step:
                Append(BoardEvent.Scalars(Seconds(told), step.Step, BoardScalars.Of(step)));
                break;
            case EvaluationMetrics evaluation:
                Append(BoardEvent.Scalars(Seconds(told), evaluation.Step, BoardScalars.Of(evaluation)));
                break;
            case RetrievalMetrics retrieval:
                Append(BoardEvent.Scalars(Seconds(told), retrieval.Step, BoardScalars.Of(retrieval)));
                break;
        }
    }

    /// <summary>Bytes of this session's file.</summary>
    public long Length => file.Position;

    /// <summary>Takes back what was written behind a length.</summary>
    public void SetLength(long length) => file.SetLength(length);

    public void Dispose() => file.Dispose();

    private static double Seconds(DateTimeOffset moment) => (moment - DateTimeOffset.UnixEpoch).TotalSeconds;

    private void Append(byte[] message)
    {
        file.Write(RecordFrame.Wrap(message)); // nothing is kept back: what the disk does not take is not there
    }

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
