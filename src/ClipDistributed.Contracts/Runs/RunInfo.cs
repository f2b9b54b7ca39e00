using System.Text.Json;
using System.Text.Json.Serialization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Runs;

/// <summary>The file run.json: what a run is and the attempts that it has had.</summary>
public sealed record RunInfo
{
    private const int MaxBytes = 16 << 20;
    private const int MaxAttempts = 10_000;

    public required string Name { get; init; }

    /// <summary>Distinguishes this run from all others, whatever their names: a place in S3 belongs to one run.</summary>
    public string Id { get; init; } = "";

    /// <summary>The number of trained parameters.</summary>
    public long Parameters { get; init; }

    /// <summary>Rows that pass through the towers at once; resolved when the run began and kept by every resume.</summary>
    public int MicroBatch { get; init; }

    /// <summary>Threads of one operator. Sums of another number of threads are rounded otherwise.</summary>
    public int Threads { get; init; }

    /// <summary>Wall time of training up to the last checkpoint, over all attempts.</summary>
    public double Seconds { get; init; }

    public bool Finished { get; init; }

    public IReadOnlyList<RunAttempt> Attempts { get; init; } = [];

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        WriteIndented = true,
    };

    /// <exception cref="BadInputException">The file is missing or damaged.</exception>
    public static RunInfo Load(string path) =>
        JsonFile.Read<RunInfo>(
            path, Json, "restore it from a copy, or begin another run with its newest checkpoint as model.init_from", MaxBytes,
            state => state.FindDamage());

    /// <summary>Replaces the file in one step: a reader sees the old one or the new one.</summary>
    public void Save(string path) => DurableFile.WriteAllText(path, JsonSerializer.Serialize(this, Json) + "\n");

    private string? FindDamage()
    {
        if (Parameters < 0 || MicroBatch < 0 || Threads < 0 || !(Seconds >= 0) || !double.IsFinite(Seconds))
            return "a number is below 0";
        if (Attempts.Count > MaxAttempts)
            return $"it has more than {MaxAttempts} attempts";
        for (int i = 0; i < Attempts.Count; i++)
        {
            // Attempts are numbered from 1, and each begins at an earlier one or at none.
            if (Attempts[i] is not { FromAttempt: >= 0, FromStep: >= 0 } attempt || attempt.Number != i + 1 || attempt.FromAttempt > i)
                return $"attempts[{i}] is none that can follow the others";
        }
        return null;
    }
}

/// <summary>A line of steps. The first begins with fresh weights, the others at a checkpoint of an earlier one.</summary>
/// <param name="Number">From 1.</param>
/// <param name="FromAttempt">Whose checkpoint it began at; 0: none.</param>
/// <param name="FromStep">The applied step that it began at.</param>
/// <param name="IsPlanned">A user has rolled the run back to there, and no step was computed since.</param>
public sealed record RunAttempt(
    int Number,
    int FromAttempt,
    long FromStep,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsPlanned = false);
