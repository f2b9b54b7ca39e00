using System.Text.Json;
using System.Text.Json.Serialization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Contracts.Runs;

/// <summary>The file predictions.json: some images of each labelled validation source with what the trained model takes them for.</summary>
/// <param name="Step">The step of the weights.</param>
public sealed record PredictionSample(long Step, IReadOnlyList<SourcePredictions> Sources)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Whether all its parts are there.</summary>
    [JsonIgnore]
    public bool IsComplete => Sources is not null && Sources.All(source => source is { Name: not null, Correct: not null, Wrong: not null }
        && source.Correct.Concat(source.Wrong).All(prediction => prediction is { ImagePng: not null, Label: not null, Guesses.Count: > 0 }
            && prediction.Guesses.All(guess => guess is { Class: not null })));

    public void Save(string path) => DurableFile.WriteAllText(path, JsonSerializer.Serialize(this, Json));

    /// <exception cref="BadInputException">The file is not such a sample.</exception>
    public static PredictionSample Load(string path) =>
        JsonFile.Read<PredictionSample>(
            path, Json, SimilarityProbe.Remedy, SimilarityProbe.MaxBytes,
            sample => sample.IsComplete ? null : "some of its parts are missing");
}

/// <summary>Predictions on one source.</summary>
/// <param name="Looked">Images that the few were taken from; all of them lie at the beginning of the source.</param>
public sealed record SourcePredictions(string Name, int Looked, IReadOnlyList<Prediction> Correct, IReadOnlyList<Prediction> Wrong);

/// <summary>What the model takes one image for.</summary>
/// <param name="Label">The class that it has.</param>
/// <param name="Guesses">The most probable classes, the first being the prediction.</param>
public sealed record Prediction(byte[] ImagePng, string Label, IReadOnlyList<ClassGuess> Guesses);

/// <param name="Probability">0 to 1.</param>
public sealed record ClassGuess(string Class, double Probability);
