using System.Text;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>
/// The coordinator's records of a run as lines of a file in the run's directory, readable without the coordinator. The store is written
/// first, and nothing waits for these lines: they are written outside of the run's loop, and those that the disk does not take wait for
/// the next write. Thread-safe.
/// </summary>
internal sealed partial class CoordinatorEvents(string runDirectory, ILogger logger)
{
    private const int MaxWaiting = 10_000; // while the directory is unavailable

    private readonly RunDirectory directory = new(runDirectory);
    private readonly Lock gate = new();
    private readonly List<string> waiting = [];
    private Task writing = Task.CompletedTask;
    private bool isUnavailable;

    /// <summary>Keeps a line until the next <see cref="Write"/>.</summary>
    public void Add(RunRecord record, DateTimeOffset time)
    {
        lock (gate)
        {
            waiting.Add(record.Stamped(time, Environment.MachineName).ToJson());
            ForgetOldest();
        }
    }

    /// <summary>Begins to write what was added, after what is being written.</summary>
    /// <returns>Completes after the attempt.</returns>
    public Task Write()
    {
        lock (gate)
        {
            return waiting.Count == 0
                ? writing
                : writing = writing.ContinueWith(
                    _ => WriteAll(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private void WriteAll()
    {
        string[] lines;
        lock (gate)
        {
            lines = [.. waiting];
            waiting.Clear();
        }
        if (lines.Length == 0)
            return; // the previous write took them too
        try
        {
            using var file = GuardedFile.Open(directory.CoordinatorEvents, bufferSize: 0);
            // a killed process left half a line
            bool isTorn = file.Length > 0 && file.Seek(-1, SeekOrigin.End) >= 0 && file.ReadByte() != '\n';
            long before = file.Seek(0, SeekOrigin.End);
            Append(file, before, Encoding.UTF8.GetBytes($"{(isTorn ? "\n" : "")}{string.Join('\n', lines)}\n"));
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            if (!isUnavailable)
                LogUnavailable(directory.CoordinatorEvents, failed.Message);
            isUnavailable = true;
            lock (gate)
            {
                waiting.InsertRange(0, lines); // before those that came meanwhile
                ForgetOldest();
            }
            return;
        }
        isUnavailable = false;
    }

    /// <summary>Under the gate.</summary>
    private void ForgetOldest() => waiting.RemoveRange(0, Math.Max(0, waiting.Count - MaxWaiting));

    private static void Append(FileStream file, long before, byte[] lines)
    {
        try
        {
            file.Write(lines);
        }
        catch
        {
            file.SetLength(before);
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, EventName = "EventsUnavailable",
        Message = "{File} cannot be written ({Reason}); its lines wait in memory, and the store has them.")]
    private partial void LogUnavailable(string file, string reason);
}
