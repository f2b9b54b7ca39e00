using System.Text;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Training.TensorBoard;

namespace ClipDistributed.Training.Logs;

/// <summary>The files to which the writer of a generation adds lines.</summary>
internal sealed class LogFiles : IDisposable
{
    private readonly EventFile board;
    private readonly FileStream metrics;
    private readonly FileStream events;

    /// <exception cref="IOException">The disk is full, or away.</exception>
    public LogFiles(RunDirectory directory, long appliedStep)
    {
        Cut(directory.Metrics, MetricsTail.Read(directory.Metrics, appliedStep).End); // later steps are about to be done again
        EndTornLine(directory.Events);
        metrics = Open(directory.Metrics);
        events = Open(directory.Events);
        try
        {
            board = new EventFile(directory.TensorBoard, appliedStep, DateTimeOffset.UtcNow);
        }
        catch
        {
            metrics.Dispose();
            events.Dispose();
            throw;
        }
    }

    /// <exception cref="IOException">The disk does not take it; nothing of it is in the files.</exception>
    public void Write(RunRecord record)
    {
        var before = (Metrics: metrics.Position, Events: events.Position, Board: board.Length);
        try
        {
            (record.IsMetrics ? metrics : events).Write(Encoding.UTF8.GetBytes(record.ToJson() + "\n"));
            board.Write(record);
        }
        catch
        {
            metrics.SetLength(before.Metrics);
            events.SetLength(before.Events);
            board.SetLength(before.Board);
            throw;
        }
    }

    public void Dispose()
    {
        metrics.Dispose();
        events.Dispose();
        board.Dispose();
    }

    /// <summary>Keeps nothing back: a line that the disk does not take is no line.</summary>
    private static FileStream Open(string path)
    {
        var file = GuardedFile.Open(path, bufferSize: 0);
        file.Seek(0, SeekOrigin.End);
        return file;
    }

    private static void Cut(string path, long length)
    {
        using var file = GuardedFile.Open(path);
        file.SetLength(length);
    }

    /// <summary>A killed process may have left half a line; the next one must not be glued to it.</summary>
    private static void EndTornLine(string path)
    {
        using var file = GuardedFile.Open(path);
        if (file.Length == 0)
            return;
        file.Seek(-1, SeekOrigin.End);
        if (file.ReadByte() != '\n')
            file.WriteByte((byte)'\n');
    }
}
