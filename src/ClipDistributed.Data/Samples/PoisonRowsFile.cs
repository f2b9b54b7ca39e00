using System.Text.Json;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Data.Samples;

/// <summary>The file of rows that were shown to crash the decoder in a process of its own: to this run they are damaged.</summary>
public static class PoisonRowsFile
{
    private const int MaxBytes = 1 << 20; // a run has a handful of them, else it ends

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Those that a run knows; none where it has no such file. That of a former program is read while there is no other.</summary>
    /// <exception cref="BadInputException">The file is damaged.</exception>
    public static HashSet<SampleId> Load(RunDirectory directory) =>
        Load(FileKinds.Of(directory.PoisonRows) == FileKind.Missing ? directory.FormerPoisonRows : directory.PoisonRows);

    private static HashSet<SampleId> Load(string path) => FileKinds.Of(path) == FileKind.Missing ? []
        : [.. JsonFile.Read<Entry?[]>(
            path, Json, "restore it from a copy, or delete it: rows that crash the decoder are found again", MaxBytes,
            rows => rows.Contains(null) ? "it lists null" : null).Select(row => new SampleId(row!.Shard, row.Row))];

    /// <param name="rows">All that are known, those of former programs too.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Save(RunDirectory directory, IEnumerable<SampleId> rows) =>
        DurableFile.WriteAllText(
            directory.PoisonRows,
            JsonSerializer.Serialize(
                rows.OrderBy(row => row.Shard).ThenBy(row => row.Row).Select(row => new Entry(row.Shard, row.Row)),
                Json
            ) + "\n"
        );

    /// <summary>Of a struct a missing number would be read as 0.</summary>
    private sealed record Entry(uint Shard, ulong Row);
}
