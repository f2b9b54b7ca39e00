using System.Text.Json;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Samples;

/// <summary>The file of rows that were shown to crash the decoder in a process of its own: to this run they are damaged.</summary>
public static class CondemnedRows
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <param name="path">Absent: there are none.</param>
    public static HashSet<SampleId> Load(string path) =>
        File.Exists(path) ? [.. JsonSerializer.Deserialize<SampleId[]>(File.ReadAllText(path), Json) ?? []] : [];

    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Save(string path, IEnumerable<SampleId> rows) =>
        DurableFile.WriteAllText(path, JsonSerializer.Serialize(rows.OrderBy(row => row.Shard).ThenBy(row => row.Row), Json) + "\n");
}
