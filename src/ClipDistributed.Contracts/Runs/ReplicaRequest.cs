using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClipDistributed.Contracts.Runs;

/// <summary>What a replica process is asked, one line of JSON each, on its standard input. The end of input ends the process.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(TrainRequest), "train")]
[JsonDerivedType(typeof(ZeroshotRequest), "zeroshot")]
[JsonDerivedType(typeof(StopRequest), "stop")]
public abstract record ReplicaRequest
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public static ReplicaRequest Parse(string line) =>
        JsonSerializer.Deserialize<ReplicaRequest>(line, Json) ?? throw new JsonException("a request is an object");
}

/// <summary>Trains the run that <c>clipd</c> has prepared in a run directory, from its newest checkpoint if it has any.</summary>
public sealed record TrainRequest(string RunDirectory) : ReplicaRequest;

/// <summary>Classifies images with a trained model.</summary>
/// <param name="Model">A model folder with its tokenizer.</param>
/// <param name="Data">A labelled Parquet file, or a folder of them.</param>
public sealed record ZeroshotRequest(string Model, string Data, string ImageColumn, string LabelColumn, string Classes, string Templates, string Source) : ReplicaRequest;

/// <summary>Saves a checkpoint after the step in flight and exits.</summary>
public sealed record StopRequest : ReplicaRequest;
