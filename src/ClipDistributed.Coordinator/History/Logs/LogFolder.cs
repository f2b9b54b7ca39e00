using System.Text;
using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Runs;
using Google.Protobuf;

namespace ClipDistributed.Coordinator.History.Logs;

/// <summary>
/// The lines of a run's replicas in its directory, a file for each replica: a full one is kept beside its successor. All together have a
/// bound; over it the files that were written least recently go. Not thread-safe.
/// </summary>
/// <param name="fileBytes">Of one file.</param>
/// <param name="folderBytes">Of all of them.</param>
internal sealed partial class LogFolder(string runDirectory, long fileBytes, long folderBytes)
{
    public const string Ending = ".jsonl";

    /// <summary>Of the file that is full.</summary>
    private const string FormerEnding = ".1.jsonl";

    /// <summary>The names of the protos, as in all files of a run.</summary>
    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true));

    private readonly string folder = new RunDirectory(runDirectory).ReplicaLogs;

    /// <param name="replicaId">Known to the coordinator, so that its name is one of a file.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public void Append(string replicaId, IEnumerable<LogEntry> entries)
    {
        byte[] lines = Encoding.UTF8.GetBytes(string.Concat(entries.Select(entry => $"{Json.Format(entry)}\n")));
        using var opened = FileBeneath.OpenFolder(runDirectory, RunDirectory.ReplicaLogNames, create: true)
            ?? throw new IOException($"{folder} leads through a symbolic link or a file, and nothing is written there; remove that.");
        string at = FileBeneath.PathOf(opened);
        try
        {
            if (AppendAt(at, replicaId, lines))
                RemoveOldest(at);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new IOException(failed.Message.Replace(at, $"{folder}/", StringComparison.Ordinal), failed);
        }
    }

    /// <param name="at">As of <see cref="FileBeneath.PathOf"/>.</param>
    /// <returns>There is one more file.</returns>
    private bool AppendAt(string at, string replicaId, byte[] lines)
    {
        string path = Path.Combine(at, replicaId + Ending);
        bool isNew = !File.Exists(path);
        using var file = GuardedFile.Open(path, bufferSize: 0);
        // a killed coordinator left half a line
        bool isTorn = file.Length > 0 && file.Seek(-1, SeekOrigin.End) >= 0 && file.ReadByte() != '\n';
        file.Seek(0, SeekOrigin.End);
        if (isTorn)
            file.Write("\n"u8);
        file.Write(lines);
        if (file.Length >= fileBytes)
            File.Move(path, Path.Combine(at, replicaId + FormerEnding), overwrite: true);
        return isNew || file.Length >= fileBytes;
    }

    private void RemoveOldest(string at)
    {
        var files = new DirectoryInfo(at).EnumerateFiles($"*{Ending}")
            .Where(file => OwnName().IsMatch(file.Name) && !file.Attributes.HasFlag(FileAttributes.ReparsePoint))
            .OrderByDescending(file => file.LastWriteTimeUtc)
            .ToList();
        long total = 0;
        foreach (var file in files)
        {
            total += file.Length;
            if (total > folderBytes)
                file.Delete();
        }
    }

    /// <summary>What users have put here otherwise is theirs.</summary>
    [GeneratedRegex(@"-[rt][0-9]+(\.1)?\.jsonl\z", RegexOptions.CultureInvariant)]
    private static partial Regex OwnName();
}
