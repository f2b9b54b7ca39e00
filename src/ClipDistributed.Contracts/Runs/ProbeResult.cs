using System.Text.Json;
using System.Text.Json.Serialization;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Runs;

/// <summary>A file predictions/step-….json: what the model of one step makes of the <see cref="ProbeSet"/>.</summary>
/// <param name="Step">The step of the weights.</param>
/// <param name="Similarity">Cosine of caption (row) and image (column), −1 to 1.</param>
/// <param name="Sources">Of each labelled source, for each image the most probable classes.</param>
public sealed record ProbeResult(
    long Step, IReadOnlyList<IReadOnlyList<double>> Similarity, IReadOnlyList<IReadOnlyList<IReadOnlyList<ClassGuess>>> Sources)
{
    /// <summary>Of a file of such a result.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Of one image.</summary>
    public const int MaxGuesses = 3;

    /// <summary>It has a value for each part of the set.</summary>
    public bool Fits(ProbeSet set) =>
        Similarity is not null && Similarity.Count == set.Captions.Count && Similarity.All(row => row?.Count == set.ImagesPng.Count)
        && Sources is not null && Sources.Count == set.Sources.Count && Sources.Zip(set.Sources).All(both => Fits(both.First, both.Second));

    /// <summary>Pairs whose caption finds its own image before all others.</summary>
    [JsonIgnore]
    public int PairsFound => Similarity.Where((row, own) => row.All(other => row[own] >= other)).Count();

    public void Save(string path) => DurableFile.WriteAllText(path, JsonSerializer.Serialize(this, ProbeSet.Json));

    /// <returns>Null: it is not such a result.</returns>
    public static ProbeResult? TryParse(ReadOnlySpan<byte> bytes) =>
        JsonFile.Parse<ProbeResult>(bytes, ProbeSet.Json, null, out var result) is null ? result : null;

    private static bool Fits(IReadOnlyList<IReadOnlyList<ClassGuess>>? guesses, ProbeSource source) =>
        guesses is not null && guesses.Count == source.Labels.Count
        && guesses.All(each => each is { Count: > 0 and <= MaxGuesses } && each.All(guess => guess is { Class: not null }));
}
