using System.Text.Json;
using System.Text.Json.Serialization;
using ClipDistributed.Contracts.Tls;

namespace ClipDistributed.Contracts.Runs;

/// <summary>What a replica process is asked, one line of JSON each, on its standard input. The end of input ends the process.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(TrainRequest), "train")]
[JsonDerivedType(typeof(JoinRequest), "join")]
[JsonDerivedType(typeof(ZeroshotRequest), "zeroshot")]
[JsonDerivedType(typeof(ExportRequest), "export")]
[JsonDerivedType(typeof(RetrievalRequest), "retrieval")]
[JsonDerivedType(typeof(ClassifyRequest), "classify")]
[JsonDerivedType(typeof(EmbedImagesRequest), "embed_images")]
[JsonDerivedType(typeof(EmbedTextsRequest), "embed_texts")]
[JsonDerivedType(typeof(EmbedTensorsRequest), "embed_tensors")]
[JsonDerivedType(typeof(TrialRequest), "trial")]
[JsonDerivedType(typeof(AnswerRequest), "answer")]
[JsonDerivedType(typeof(QuestionRequest), "question")]
[JsonDerivedType(typeof(StopRequest), "stop")]
[JsonDerivedType(typeof(SaveRequest), "save")]
public abstract record ReplicaRequest
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public static ReplicaRequest Parse(string line) =>
        JsonSerializer.Deserialize<ReplicaRequest>(line, Json) ?? throw new JsonException("a request is an object");
}

/// <summary>Trains the run that <c>clipd</c> has prepared in a run directory, from its newest checkpoint if it has any.</summary>
public sealed record TrainRequest(string RunDirectory) : ReplicaRequest;

/// <summary>Computes a share of a coordinator's run as one of its replicas.</summary>
/// <param name="Coordinator">
/// The coordinator's address, as in http://127.0.0.1:7071, or those of several, separated by commas, of which one leads.
/// </param>
/// <param name="RunDirectory">The run's folder, as this host sees it.</param>
/// <param name="Restore">True: state from the newest checkpoint or the seed; false: another member gives it.</param>
/// <param name="Address">The local address that the collective group uses; bound to the network that the peers reach.</param>
/// <param name="Host">The worker host's name, for messages.</param>
/// <param name="Number">Counts the replicas of the run from 1.</param>
/// <param name="Generation">The newest one of the run when this one was started; 0: none.</param>
/// <param name="Secret">What the replica shows with its calls, base64. Never logged.</param>
public sealed record JoinRequest(
    string Coordinator, string RunId, string ReplicaId, string RunDirectory, bool Restore, string Address, string Host, long Number,
    long Generation, string Secret) : ReplicaRequest
{
    /// <summary>The host's, for coordinators with https.</summary>
    public TlsFiles Tls { get; init; } = new();

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"{nameof(JoinRequest)} of {ReplicaId}";
}

/// <summary>Classifies images with a trained model.</summary>
/// <param name="Model">A model folder with its tokenizer.</param>
/// <param name="Data">A shard with labels, or a folder of such.</param>
/// <param name="Classes">Names in the order of the labels.</param>
/// <param name="Templates">Prompts with {} for the name.</param>
/// <param name="Tokenizer">A tokenizer file or folder; empty: the model folder's.</param>
public sealed record ZeroshotRequest(
    string Model, string Data, string ImageColumn, string LabelColumn, IReadOnlyList<string> Classes, IReadOnlyList<string> Templates,
    string Source, string Tokenizer = "") : ReplicaRequest;

/// <summary>Writes a model folder in another form.</summary>
/// <param name="To">open_clip or hf.</param>
/// <param name="Out">A folder that does not exist, or is empty.</param>
public sealed record ExportRequest(string Model, string To, string Out) : ReplicaRequest;

/// <summary>Decodes rows of a run one after the other, saying which it begins, to find those that crash the decoder.</summary>
/// <param name="Step">That they are planned for.</param>
/// <param name="Shards">Of each row, the shard's ordinal in the dataset manifest.</param>
/// <param name="Rows">Of each row, its number in that shard.</param>
public sealed record TrialRequest(string RunDirectory, long Step, IReadOnlyList<uint> Shards, IReadOnlyList<ulong> Rows) : ReplicaRequest;

/// <summary>Saves a checkpoint after the step in flight and exits.</summary>
/// <param name="By">Who asked, as in <c>SIGINT to clipd train of ann@workstation</c>.</param>
public sealed record StopRequest(string By = "") : ReplicaRequest;

/// <summary>Saves a checkpoint after the step in flight and goes on.</summary>
public sealed record SaveRequest : ReplicaRequest;
