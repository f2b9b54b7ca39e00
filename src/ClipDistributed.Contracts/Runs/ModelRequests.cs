namespace ClipDistributed.Contracts.Runs;

/// <summary>Measures loss and retrieval of a trained model on image–caption pairs.</summary>
/// <param name="Model">A model folder with its tokenizer.</param>
/// <param name="Data">A shard with captions, or a folder of such.</param>
/// <param name="Pairs">At most so many are compared, spread over the data.</param>
/// <param name="Tokenizer">A tokenizer file or folder; empty: the model folder's.</param>
public sealed record RetrievalRequest(
    string Model, string Data, string ImageColumn, string CaptionColumn, string Source, int Pairs, string Tokenizer = "") : ReplicaRequest;

/// <summary>Finds the label that fits each image.</summary>
/// <param name="Templates">Prompts with {} for the label.</param>
/// <param name="Images">Image files.</param>
/// <param name="Tokenizer">A tokenizer file or folder; empty: the model folder's.</param>
public sealed record ClassifyRequest(
    string Model, IReadOnlyList<string> Labels, IReadOnlyList<string> Templates, IReadOnlyList<string> Images,
    string Tokenizer = "") : ReplicaRequest;

/// <summary>Writes the features of images, before normalisation.</summary>
/// <param name="Paths">Image files, shards, and folders of either.</param>
/// <param name="ImageColumn">Of shards; empty: found by its usual names.</param>
/// <param name="Out">A new .parquet or .safetensors file.</param>
public sealed record EmbedImagesRequest(string Model, IReadOnlyList<string> Paths, string ImageColumn, string Out) : ReplicaRequest;

/// <summary>Writes the features of the lines of a text file, before normalisation.</summary>
/// <param name="Out">A new .parquet or .safetensors file.</param>
/// <param name="Tokenizer">A tokenizer file or folder; empty: the model folder's.</param>
public sealed record EmbedTextsRequest(string Model, string Texts, string Out, string Tokenizer = "") : ReplicaRequest;

/// <summary>Writes the features of inputs that are ready for the towers.</summary>
/// <param name="Tensors">
/// A safetensors file with `images` [N, 3, H, W] of float32, or `tokens` [N, context] of int32 or int64, or both.
/// </param>
/// <param name="Out">A new .safetensors file.</param>
public sealed record EmbedTensorsRequest(string Model, string Tensors, string Out) : ReplicaRequest;

/// <summary>Loads a model and answers questions to it, which follow, until the input ends.</summary>
/// <param name="Model">A checkpoint's folder.</param>
/// <param name="RunDirectory">The run's folder: its spec names classes and prompts, and its images are ranked for captions.</param>
public sealed record AnswerRequest(string Model, string RunDirectory) : ReplicaRequest;

/// <summary>A question to a model that is loaded.</summary>
/// <param name="Image">An image file; null: images of the run are ranked for each caption.</param>
/// <param name="Captions">None: the classes of the run's zero-shot evaluation.</param>
/// <param name="AreLabels">The captions are names of classes.</param>
public sealed record QuestionRequest(long Question, byte[]? Image, IReadOnlyList<string> Captions, bool AreLabels) : ReplicaRequest;
