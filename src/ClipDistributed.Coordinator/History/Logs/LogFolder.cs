using System.Text;
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
internal sealed class LogFolder(string runDirectory, long fileBytes, long folderBytes)
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
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, replicaId + Ending);
        bool isNew = !File.Exists(path);
        using (var file = GuardedFile.Open(path, bufferSize: 0))
        {
            // a killed coordinator left half a line
            bool isTorn = file.Length > 0 && file.Seek(-1, SeekOrigin.End) >= 0 && file.ReadByte() != '\n';
            file.Seek(0, SeekOrigin.End);
            if (isTorn)
                file.Write("\n"u8);
            file.Write(lines);
            if (file.Length < fileBytes && !isNew)
                return;
            if (file.Length >= fileBytes)
                File.Move(path, Path.Combine(folder, replicaId + FormerEnding), overwrite: true);
        }
        RemoveOldest();
    }

    private void RemoveOldest()
    {
        var files = new DirectoryInfo(folder).EnumerateFiles($"*{Ending}").OrderByDescending(file => file.LastWriteTimeUtc).ToList();
        long total = 0;
        foreach (var file in files)
        {
            total += file.Length;
            if (total > folderBytes)
                file.Delete();
        }
    }
}
