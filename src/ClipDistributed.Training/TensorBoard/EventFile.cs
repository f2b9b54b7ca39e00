using System.Globalization;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Training.TensorBoard;

/// <summary>
/// A folder of TensorBoard event files to which one process at a time adds. Steps that are about to be repeated are removed from
/// the older files; the head of the new file makes readers that have shown them discard them.
/// </summary>
public sealed class EventFile : IDisposable
{
    private const long Window = 1 << 16, MaxWindow = 64 << 20;

    private readonly FileStream file;

    private EventFile(FileStream file) => this.file = file;

    /// <param name="appliedStep">Scalars of later steps are removed.</param>
    /// <param name="start">Of the session that begins.</param>
    /// <exception cref="IOException">The disk is full or unavailable.</exception>
    public static EventFile Open(string folder, long appliedStep, DateTimeOffset start)
    {
        Directory.CreateDirectory(folder);
        string[] before = [.. Directory.GetFiles(folder, "events.out.tfevents.*").Order(StringComparer.Ordinal)];
        foreach (string older in before.AsEnumerable().Reverse())
        {
            if (Truncate(older, appliedStep))
                break; // the process that began that session has truncated the files before it
        }
        // Readers take the files in the order of their names.
        int number = before.Length == 0 ? 0 : NumberOf(before[^1]) + 1;
        var opened = new EventFile(new FileStream(
            Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{number:000000}")),
            FileMode.CreateNew,
            FileAccess.Write,
            FileShare.Read,
            bufferSize: 0
        ));
        try
        {
            opened.Append(BoardEvent.Version(Seconds(start)));
            opened.Append(BoardEvent.SessionStart(Seconds(start), appliedStep + 1));
            return opened;
        }
        catch
        {
            opened.Dispose();
            File.Delete(opened.file.Name);
            throw;
        }
    }

    /// <summary>Writes the numbers of a step or an evaluation; other records have none.</summary>
    /// <param name="record">With its time.</param>
    /// <exception cref="IOException">The disk does not take it; part of it may be there.</exception>
    public void Write(RunRecord record)
    {
        double seconds = Seconds(record.Time.ToDateTimeOffset());
        switch (record)
        {
            case { Step: { } step }:
                Append(BoardEvent.Scalars(seconds, step.Step, BoardScalars.Of(step)));
                break;
            case { Evaluation: { } evaluation }:
                Append(BoardEvent.Scalars(seconds, evaluation.Step, BoardScalars.Of(evaluation)));
                break;
            case { Retrieval: { } retrieval }:
                Append(BoardEvent.Scalars(seconds, retrieval.Step, BoardScalars.Of(retrieval)));
                break;
        }
    }

    /// <summary>Bytes of this session's file.</summary>
    public long Length => file.Position;

    /// <summary>Removes what was written after a length.</summary>
    public void SetLength(long length) => file.SetLength(length);

    public void Dispose() => file.Dispose();

    private static double Seconds(DateTimeOffset moment) => (moment - DateTimeOffset.UnixEpoch).TotalSeconds;

    private void Append(byte[] message)
    {
        file.Write(RecordFrame.Wrap(message)); // without a buffer: what the disk does not take is not there
    }

    private static int NumberOf(string path) =>
        int.TryParse(Path.GetExtension(path).TrimStart('.'), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;

    /// <summary>Ends the file before its first record of a later step, or that a killed process left torn. Steps only grow inside a file,
    /// so it is read backwards from its end.</summary>
    /// <returns>Its session began at that step or earlier; else older files may hold later steps too.</returns>
    private static bool Truncate(string path, long appliedStep)
    {
        using var older = GuardedFile.Open(path);
        for (long window = Window; ; window *= 2)
        {
            long start = Math.Max(0, older.Length - window);
            var (end, kept) = FindEnd(older, start, appliedStep);
            if (start > 0 && kept == 0)
            {
                if (window >= MaxWindow)
                    throw new IOException($"{path} is damaged (it has no such record in its last {MaxWindow >> 20} MiB); remove it");
                continue;
            }
            older.SetLength(end);
            return start > 0 || kept > 1; // more than the version
        }
    }

    /// <param name="start">Where to begin; amid a record the next one is searched for.</param>
    /// <returns>The end of the last record up to that step, and how many of them there are.</returns>
    private static (long End, int Kept) FindEnd(FileStream file, long start, long appliedStep)
    {
        byte[] bytes = new byte[file.Length - start]; // at most MaxWindow
        file.Seek(start, SeekOrigin.Begin);
        file.ReadExactly(bytes);
        using var window = new MemoryStream(bytes);
        int first =
            start == 0 ? 0 : Enumerable.Range(0, bytes.Length).FirstOrDefault(at => RecordFrame.IsAt(bytes.AsSpan(at)), bytes.Length);
        window.Position = first;
        (long End, int Kept) found = (start + first, 0);
        while (RecordFrame.TryRead(window) is { } message && BoardEvent.StepOf(message) <= appliedStep)
            found = (start + window.Position, found.Kept + 1);
        return found;
    }
}
