using System.Text.Json;
using System.Text.Json.Serialization;
using ClipDistributed.Data.Preparation;

namespace ClipDistributed.Training.Checkpoints;

/// <summary>The file state.json of a checkpoint: where in the run it was taken. With the spec and the data it fixes all that follows.</summary>
public sealed record CheckpointState
{
    public const string FileName = "state.json";

    /// <summary>The version of the order of samples; a later program that orders otherwise must not go on from here.</summary>
    public int OrderVersion { get; init; } = 1;

    public required int Attempt { get; init; }

    /// <summary>The applied step.</summary>
    public required long Step { get; init; }

    /// <summary>True: a clean stop wrote it, and nothing came after; a resume keeps the attempt.</summary>
    public required bool CleanStop { get; init; }

    /// <summary>SHA-256 of the dataset manifest, hexadecimal.</summary>
    public required string ManifestDigest { get; init; }

    /// <summary>What the data decided.</summary>
    public required RunPlan Plan { get; init; }

    /// <summary>Rows that pass through the towers at once; a resume keeps it.</summary>
    public required int MicroBatch { get; init; }

    /// <summary>The spec with all its values, as YAML.</summary>
    public required string Spec { get; init; }

    internal static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
    };
}
