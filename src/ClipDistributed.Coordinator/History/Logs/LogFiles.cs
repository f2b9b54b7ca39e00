using System.Text;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Runs;
using Google.Protobuf;
using Microsoft.Win32.SafeHandles;

namespace ClipDistributed.Coordinator.History.Logs;

/// <summary>Reads the lines of a run's replicas from its directory. Thread-safe.</summary>
internal static class LogFiles
{
    private static readonly JsonParser Json = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    /// <returns>The newest lines that are wanted, in their order.</returns>
    /// <exception cref="IOException">They cannot be read.</exception>
    public static async Task<IReadOnlyList<LogEntry>> ReadAsync(string runDirectory, LogQuery query, CancellationToken cancel)
    {
        var newest = new PriorityQueue<LogEntry, long>();
        string folder = new RunDirectory(runDirectory).ReplicaLogs;
        if (!Directory.Exists(folder))
            return [];
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles($"*{LogFolder.Ending}"))
        {
            if (query.Since > new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero).AddMinutes(1) // clocks of others differ a little
                || query.ReplicaId is { } id && !file.Name.StartsWith($"{id}.", StringComparison.Ordinal))
                continue;
            await foreach (var entry in EntriesAsync(file.FullName, cancel))
            {
                if (!query.Takes(entry))
                    continue;
                newest.Enqueue(entry, entry.Sequence);
                if (newest.Count > query.Lines)
                    newest.Dequeue();
            }
        }
        var lines = new List<LogEntry>();
        while (newest.TryDequeue(out var entry, out _))
            lines.Add(entry);
        return lines;
    }

    private static async IAsyncEnumerable<LogEntry> EntriesAsync(
        string path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        // A user of the run's directory can have put anything there, but no link leads out of it.
        if (GuardedFile.IsLink(path) || FileKinds.Of(path) != FileKind.Regular)
            yield break;
        using var file = new StreamReader(
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), Encoding.UTF8);
        while (await file.ReadLineAsync(cancel) is { } line)
        {
            if (Parse(line) is { } entry)
                yield return entry;
        }
    }

    /// <returns>Null: it is torn, or not a line of this program.</returns>
    private static LogEntry? Parse(string line)
    {
        try
        {
            return Json.Parse<LogEntry>(line);
        }
        catch (Exception damaged) when (damaged is InvalidJsonException or InvalidProtocolBufferException or FormatException)
        {
            return null;
        }
    }
}
