using System.Text.Json;
using System.Text.Json.Serialization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Runs;

/// <summary>The file probe.json: a few pairs, and how alike the trained model finds each caption and each image.</summary>
/// <param name="Step">The step of the weights.</param>
/// <param name="Captions">One for each row.</param>
/// <param name="ImagesPng">One encoded picture for each column; caption i belongs to image i.</param>
/// <param name="Similarity">Cosine of caption (row) and image (column), −1 to 1.</param>
public sealed record SimilarityProbe(
    long Step, IReadOnlyList<string> Captions, IReadOnlyList<byte[]> ImagesPng, IReadOnlyList<IReadOnlyList<double>> Similarity)
{
    /// <summary>Of files that only the report needs.</summary>
    internal const string Remedy = "the end of the run writes it anew";

    internal const int MaxBytes = 64 << 20;

    private const int MaxPairs = 64; // more cannot be drawn

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Whether there is something to draw and the parts fit together.</summary>
    [JsonIgnore]
    public bool IsComplete =>
        Captions is { Count: > 0 and <= MaxPairs } && ImagesPng is { Count: > 0 and <= MaxPairs } && Similarity?.Count == Captions.Count
        && Captions.All(caption => caption is not null) && ImagesPng.All(image => image is { Length: > 0 })
            && Similarity.All(row => row?.Count == ImagesPng.Count);

    public void Save(string path) => DurableFile.WriteAllText(path, JsonSerializer.Serialize(this, Json));

    /// <exception cref="BadInputException">The file is not a probe.</exception>
    public static SimilarityProbe Load(string path) => JsonFile.Read<SimilarityProbe>(path, Json, Remedy, MaxBytes,
        probe => probe.IsComplete ? null : "its captions, images and similarities do not fit together");
}
