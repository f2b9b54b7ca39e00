using System.Text.Json;
using System.Text.Json.Serialization;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Training.Checkpoints;

/// <summary>The file state.json of a checkpoint: where in the run it was taken. With the spec and the data it fixes all that follows.</summary>
public sealed record CheckpointState
{
    public const string FileName = "state.json";

    /// <summary>The version of the order of samples; a later program that orders otherwise must not go on from here.</summary>
    public int OrderVersion { get; init; } = StreamOrder.Version;

    public required int Attempt { get; init; }

    /// <summary>The applied step.</summary>
    public required long Step { get; init; }

    /// <summary>True: a clean stop wrote it, and nothing came after; a resume keeps the attempt.</summary>
    public required bool CleanStop { get; init; }

    /// <summary>SHA-256 of the dataset manifest, hexadecimal.</summary>
    public required string ManifestDigest { get; init; }

    /// <summary>What the data decided.</summary>
    public required RunPlan Plan { get; init; }

    /// <summary>Rows that passed through the towers at once.</summary>
    public required int MicroBatch { get; init; }

    /// <summary>The spec with all its values, as YAML.</summary>
    public required string Spec { get; init; }

    /// <summary>Null and the state, or what is wrong with the file.</summary>
    internal static string? TryRead(string folder, out CheckpointState? state)
    {
        state = null;
        try
        {
            state = JsonSerializer.Deserialize<CheckpointState>(File.ReadAllText(Path.Combine(folder, FileName)), Json);
            return state is null ? $"{FileName} holds null"
                : state.OrderVersion != StreamOrder.Version ? $"it orders samples by version {state.OrderVersion}, this program by {StreamOrder.Version}" : null;
        }
        catch (Exception wrong) when (wrong is JsonException or IOException)
        {
            return $"{FileName} cannot be read: {wrong.Message}";
        }
    }

    internal static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
    };
}
