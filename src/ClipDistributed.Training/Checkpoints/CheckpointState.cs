using System.Text.Json;
using System.Text.Json.Serialization;
using ClipDistributed.Contracts.Checkpoints;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Data.Streams;

namespace ClipDistributed.Training.Checkpoints;

/// <summary>The file state.json of a checkpoint: where in the run it was taken. With the spec and the data it fixes all that
/// follows.</summary>
public sealed record CheckpointState
{
    public const string FileName = CheckpointFiles.State;

    private const int MaxBytes = 16 << 20;

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
        try
        {
            state = JsonFile.Read<CheckpointState>(
                Path.Combine(folder, FileName), Json, "an earlier checkpoint is used where there is one", MaxBytes,
                read => read.FindDamage());
            return null;
        }
        catch (BadInputException wrong)
        {
            state = null;
            return wrong.Message.TrimEnd('.');
        }
    }

    private string? FindDamage() =>
        OrderVersion != StreamOrder.Version ? $"it orders samples by version {OrderVersion}, this program by {StreamOrder.Version}"
        : Attempt < 1 || Step < 0 || MicroBatch < 1 ? "attempt, step or micro_batch is out of range" : null;

    internal static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        WriteIndented = true,
    };
}
