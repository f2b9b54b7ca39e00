using System.Text;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Training.TensorBoard;

namespace ClipDistributed.Training.Logs;

/// <summary>The files to which the writer of a generation appends.</summary>
internal sealed class LogFiles : IDisposable
{
    private readonly FileStream metrics;
    private readonly FileStream events;
    private readonly EventFile board;

    private LogFiles(FileStream metrics, FileStream events, EventFile board) =>
        (this.metrics, this.events, this.board) = (metrics, events, board);

    /// <exception cref="IOException">The disk is full or unavailable.</exception>
    public static LogFiles Open(RunDirectory directory, long appliedStep)
    {
        Truncate(directory.Metrics, MetricsTail.Read(directory.Metrics, appliedStep).End); // later steps are about to be repeated
        EndTornLine(directory.Events);
        var metrics = OpenAtEnd(directory.Metrics);
        var events = OpenAtEnd(directory.Events);
        try
        {
            return new LogFiles(metrics, events, EventFile.Open(directory.TensorBoard, appliedStep, DateTimeOffset.UtcNow));
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

    /// <summary>Without a buffer: a line that the disk does not take must not count as written.</summary>
    private static FileStream OpenAtEnd(string path)
    {
        var file = GuardedFile.Open(path, bufferSize: 0);
        file.Seek(0, SeekOrigin.End);
        return file;
    }

    private static void Truncate(string path, long length)
    {
        using var file = GuardedFile.Open(path);
        file.SetLength(length);
    }

    /// <summary>A killed process may have left half a line; the next one must not be joined to it.</summary>
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
