using System.Text;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Runs;
using Google.Protobuf;

namespace ClipDistributed.Coordinator.History.Logs;

/// <summary>Reads the lines of a run's replicas from its directory. Thread-safe.</summary>
internal static class LogFiles
{
    /// <summary>Characters; this program's own are far shorter.</summary>
    private const int MaxLine = 1 << 20;

    private static readonly JsonParser Json = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    /// <returns>The newest lines that are wanted, in their order.</returns>
    /// <exception cref="IOException">They cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read them.</exception>
    public static async Task<IReadOnlyList<LogEntry>> ReadAsync(string runDirectory, LogQuery query, CancellationToken cancel)
    {
        var newest = new PriorityQueue<LogEntry, long>();
        // A user of the run's directory can have put anything there, but no link leads out of it.
        using var folder = FileBeneath.OpenFolder(runDirectory, RunDirectory.ReplicaLogNames);
        if (folder is null)
            return [];
        foreach (var file in new DirectoryInfo(FileBeneath.PathOf(folder)).EnumerateFiles($"*{LogFolder.Ending}"))
        {
            if (query.Since > new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero).AddMinutes(1) // clocks of others differ a little
                || query.ReplicaId is { } id && !file.Name.StartsWith($"{id}.", StringComparison.Ordinal))
                continue;
            await foreach (var entry in EntriesAsync(runDirectory, file.Name, cancel))
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
        string runDirectory, string name, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        using var file = FileBeneath.OpenToRead(runDirectory, [.. RunDirectory.ReplicaLogNames, name]);
        if (file is null)
            yield break;
        using var text = new StreamReader(file, Encoding.UTF8, bufferSize: 1 << 16);
        await foreach (string line in BoundedLines.ReadAsync(text, MaxLine, cancel))
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
