using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Samples;

/// <summary>The file of rows that were shown to crash the decoder in a process of its own: to this run they are damaged.</summary>
public static class CondemnedRows
{
    private const int MaxBytes = 1 << 20; // a run has a handful of them, else it ends

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectRequiredConstructorParameters = true,
    };

    /// <param name="path">Absent: there are none.</param>
    /// <exception cref="BadInputException">The file is damaged.</exception>
    public static HashSet<SampleId> Load(string path) => FileKinds.Of(path) == FileKind.Missing ? []
        : [.. JsonFile.Read<Entry?[]>(
            path, Json, "restore it from a copy, or delete it: rows that crash the decoder are found again", MaxBytes,
            rows => rows.Contains(null) ? "it lists null" : null).Select(row => new SampleId(row!.Shard, row.Row))];

    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Save(string path, IEnumerable<SampleId> rows) =>
        DurableFile.WriteAllText(
            path,
            JsonSerializer.Serialize(
                rows.OrderBy(row => row.Shard).ThenBy(row => row.Row).Select(row => new Entry(row.Shard, row.Row)),
                Json
            ) + "\n"
        );

    /// <summary>Of a struct a missing number would be read as 0.</summary>
    private sealed record Entry(uint Shard, ulong Row);
}
