using System.Text.Json;
using System.Text.Json.Serialization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Runs;

/// <summary>The file predictions/probe.json: what the model is shown after each evaluation, the same over the whole run.</summary>
/// <param name="Captions">Of the pairs.</param>
/// <param name="ImagesPng">One encoded picture for each caption.</param>
/// <param name="Sources">Labelled images; none: the spec has no classes.</param>
public sealed record ProbeSet(IReadOnlyList<string> Captions, IReadOnlyList<byte[]> ImagesPng, IReadOnlyList<ProbeSource> Sources)
{
    /// <summary>More cannot be looked at.</summary>
    public const int MaxPairs = 10, MaxSources = 4, MaxImages = 18;

    /// <summary>Of a file of such a set.</summary>
    public const int MaxBytes = 16 << 20;

    internal static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private const string Remedy = "the next evaluation writes it anew";

    /// <summary>What is wrong with it; null: nothing.</summary>
    [JsonIgnore]
    public string? Damage =>
        Captions is { Count: <= MaxPairs } && ImagesPng?.Count == Captions.Count && Sources is { Count: <= MaxSources }
        && Captions.All(caption => caption is not null) && ImagesPng.All(image => image is { Length: > 0 })
        && Sources.All(source => source is { Name: not null, Labels.Count: <= MaxImages } && source.ImagesPng?.Count == source.Labels.Count
            && source.Labels.All(label => label is not null) && source.ImagesPng.All(image => image is { Length: > 0 }))
            ? null : "its captions, labels and images do not fit together";

    /// <summary>All of its images with what is written below them: those of the pairs first.</summary>
    public IEnumerable<(string Text, byte[] Png)> Images =>
        Captions.Zip(ImagesPng).Concat(Sources.SelectMany(source => source.Labels.Zip(source.ImagesPng)));

    public void Save(string path) => DurableFile.WriteAllText(path, JsonSerializer.Serialize(this, Json));

    /// <exception cref="BadInputException">The file is not such a set.</exception>
    public static ProbeSet Load(string path) => JsonFile.Read<ProbeSet>(path, Json, Remedy, MaxBytes, set => set.Damage);

    /// <returns>Null: it is not such a set.</returns>
    public static ProbeSet? TryParse(ReadOnlySpan<byte> bytes) =>
        JsonFile.Parse<ProbeSet>(bytes, Json, set => set.Damage, out var set) is null ? set : null;
}

/// <summary>Labelled images of one validation source.</summary>
/// <param name="Labels">The class of each image.</param>
public sealed record ProbeSource(string Name, IReadOnlyList<string> Labels, IReadOnlyList<byte[]> ImagesPng);
