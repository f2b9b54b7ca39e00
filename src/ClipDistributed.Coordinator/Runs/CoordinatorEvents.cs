using System.Text;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Runs;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>
/// What the coordinator saw of a run, or was asked for, in the run's directory: who looks there later finds it without the
/// coordinator. The store comes first, and nothing waits for these lines: they are written beside the run's loop, and those that
/// the disk does not take wait for the next ones. Thread-safe.
/// </summary>
internal sealed partial class CoordinatorEvents(string runDirectory, ILogger logger)
{
    private const int MaxWaiting = 10_000; // of a directory that stays away

    private readonly RunDirectory directory = new(runDirectory);
    private readonly Lock gate = new();
    private readonly Queue<string> waiting = new();
    private Task writing = Task.CompletedTask;
    private bool isAway;

    /// <summary>Keeps a line until the next <see cref="Write"/>.</summary>
    public void Add(ReplicaMessage message, DateTimeOffset time)
    {
        lock (gate)
        {
            if (waiting.Count == MaxWaiting)
                waiting.Dequeue();
            waiting.Enqueue(RunLine.Of(message, time, Environment.MachineName).ToJson());
        }
    }

    /// <summary>Begins to write what was added, after what is being written.</summary>
    /// <returns>Done when it was tried.</returns>
    public Task Write()
    {
        lock (gate)
            return waiting.Count == 0 ? writing : writing = writing.ContinueWith(_ => WriteAll(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private void WriteAll()
    {
        string[] lines;
        lock (gate)
            lines = [.. waiting];
        try
        {
            using var file = GuardedFile.Open(directory.CoordinatorEvents, bufferSize: 0);
            bool isTorn = file.Length > 0 && file.Seek(-1, SeekOrigin.End) >= 0 && file.ReadByte() != '\n'; // a killed process left half a line
            long before = file.Seek(0, SeekOrigin.End);
            Append(file, before, Encoding.UTF8.GetBytes($"{(isTorn ? "\n" : "")}{string.Join('\n', lines)}\n"));
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            if (!isAway)
                LogAway(directory.CoordinatorEvents, failed.Message);
            isAway = true;
            return;
        }
        isAway = false;
        lock (gate)
        {
            for (int i = 0; i < lines.Length && waiting.Count > 0; i++)
                waiting.Dequeue();
        }
    }

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

    [LoggerMessage(Level = LogLevel.Information, EventName = "EventsAway", Message = "{File} cannot be written ({Reason}); its lines wait in memory, and the store has them.")]
    private partial void LogAway(string file, string reason);
}
