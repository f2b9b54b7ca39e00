using System.Text.Json;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Runs;

/// <summary>The file run.json: what a run is and the attempts that it has had.</summary>
public sealed record RunState
{
    public required string Name { get; init; }

    /// <summary>Tells this run from all others, whatever their names: a place in S3 belongs to one run.</summary>
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

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public static RunState Load(string path) =>
        JsonSerializer.Deserialize<RunState>(File.ReadAllText(path), Json) ?? throw new InvalidDataException($"{path} holds null.");

    /// <summary>Replaces the file in one step: a reader sees the old one or the new one.</summary>
    public void Save(string path) => DurableFile.WriteAllText(path, JsonSerializer.Serialize(this, Json) + "\n");
}

/// <summary>A line of steps. The first begins with fresh weights, the others at a checkpoint of an earlier one.</summary>
/// <param name="Number">From 1.</param>
/// <param name="FromAttempt">Whose checkpoint it began at; 0: none.</param>
/// <param name="FromStep">The applied step that it began at.</param>
public sealed record RunAttempt(int Number, int FromAttempt, long FromStep);
