using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClipDistributed.Contracts.Runs;

/// <summary>
/// What a replica process says, one line of JSON each, on its standard output. Steps and evaluations are the lines of
/// metrics.jsonl too, the others those of events.jsonl.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(RunStarted), "started")]
[JsonDerivedType(typeof(StepMetrics), "step")]
[JsonDerivedType(typeof(EvaluationMetrics), "evaluation")]
[JsonDerivedType(typeof(RetrievalMetrics), "retrieval")]
[JsonDerivedType(typeof(ImageClassified), "classified")]
[JsonDerivedType(typeof(EmbeddingsWritten), "embedded")]
[JsonDerivedType(typeof(CheckpointSaved), "checkpoint")]
[JsonDerivedType(typeof(CheckpointSent), "checkpoint_sent")]
[JsonDerivedType(typeof(MemoryPlanned), "memory_planned")]
[JsonDerivedType(typeof(MemoryUsed), "memory_used")]
[JsonDerivedType(typeof(RunNotice), "notice")]
[JsonDerivedType(typeof(RunEnded), "ended")]
[JsonDerivedType(typeof(InputRefused), "refused")]
[JsonDerivedType(typeof(RunFailed), "failed")]
[JsonDerivedType(typeof(RowBegun), "row")]
[JsonDerivedType(typeof(RequestReceived), "request")]
[JsonDerivedType(typeof(IncidentRecorded), "incident")]
public abstract record ReplicaMessage
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>The message of one line, or null where the line is not one (a library's own print, a torn last line).</summary>
    public static ReplicaMessage? TryParse(string line)
    {
        if (!line.StartsWith('{'))
            return null;
        try
        {
            return JsonSerializer.Deserialize<ReplicaMessage>(line, Json);
        }
        catch (Exception noMessage) when (noMessage is JsonException or NotSupportedException)
        {
            return null; // an object without a kind is "not supported"
        }
    }
}

/// <summary>Training begins or goes on.</summary>
/// <param name="Step">The applied step that it goes on from; 0: fresh weights.</param>
/// <param name="Steps">The last step of the run.</param>
/// <param name="MicroBatch">Samples that pass through the towers at once.</param>
/// <param name="Threads">Of one replica.</param>
/// <param name="Replicas">That compute together.</param>
public sealed record RunStarted(
    int Attempt, long Step, long Steps, long Parameters, int GlobalBatch, int MicroBatch, int Threads, int Replicas) : ReplicaMessage;

/// <summary>The next row of a trial is going to be decoded.</summary>
/// <param name="Count">The rows that were begun, this one included.</param>
public sealed record RowBegun(int Count) : ReplicaMessage;

/// <summary>One committed step.</summary>
/// <param name="Samples">Samples seen since step 0, this step's included.</param>
/// <param name="Loss">The contrastive loss over the global batch, natural logarithm.</param>
/// <param name="LogitScale">exp(logit_scale) that the loss used.</param>
/// <param name="GradNorm">The gradient's norm before clipping.</param>
/// <param name="Seconds">Wall time of the step, its parts in <paramref name="Split"/>.</param>
/// <param name="Applied">False: the loss or the norm was not finite, so the weights stayed.</param>
public sealed record StepMetrics(long Step, long Samples, int Epoch, double Loss, double LogitScale, double Lr, double GradNorm,
    string PlanDigest, string ContentDigest, double Seconds, double SamplesPerSecond, StepSplit Split, bool Applied,
    int Replaced) : ReplicaMessage
{
    /// <summary>What the data pipeline of rank 0 waited for meanwhile; null in records that are older than it.</summary>
    public PipelineWaits? Pipeline { get; init; }
}

/// <summary>Where the pipeline in front of the step spent its time, seconds. It runs beside the step and ahead of it.</summary>
/// <param name="Reading">Waiting for the rows of the next share to be read.</param>
/// <param name="Decoding">Waiting for a thread that decodes to be free.</param>
/// <param name="Step">Waiting for the step to take what is ready: the pipeline is fast enough.</param>
public sealed record PipelineWaits(double Reading, double Decoding, double Step);

/// <summary>Where the time of a step went, seconds.</summary>
/// <param name="Data">Waiting for the batch.</param>
/// <param name="Wait">Waiting for the slowest replica's forward pass.</param>
/// <param name="Gather">Exchanging embeddings.</param>
/// <param name="Loss">The loss and the gradients of embeddings, the exchange of its sums included.</param>
/// <param name="Reduce">Waiting for sums of gradients that backward did not hide.</param>
public sealed record StepSplit(
    double Data, double Forward, double Wait, double Gather, double Loss, double Backward, double Reduce, double Optimizer)
{
    /// <summary>Without what was waited for other replicas.</summary>
    [JsonIgnore]
    public double Busy => Data + Forward + Loss + Backward + Optimizer;
}

/// <summary>Zero-shot accuracy on one validation source.</summary>
/// <param name="Top1">Share of images whose class scored highest, 0 to 1.</param>
/// <param name="Top5">Share of images whose class is among the five highest; null where there are no more than five classes.</param>
/// <param name="Count">Images that were classified.</param>
/// <param name="Damaged">Images that could not be decoded; they are not in the shares.</param>
/// <param name="Classes">That could be chosen from; null in records of former versions.</param>
public sealed record EvaluationMetrics(
    long Step, long Samples, string Source, double Top1, double? Top5, long Count, long Damaged, int? Classes = null) : ReplicaMessage
{
    /// <summary>Top-1 of a blind choice; null where the classes are not known.</summary>
    [JsonIgnore]
    public double? Chance => Classes is > 0 and var classes ? 1.0 / classes : null;
}

/// <summary>Loss and retrieval on the pairs of one validation source.</summary>
/// <param name="Loss">
/// The loss that the model is trained with, over all <paramref name="Count"/> pairs at once; its chance level depends on the count.
/// </param>
/// <param name="ImageToText">Each image looks for one of its captions; rows with the same image bytes are one image.</param>
/// <param name="TextToImage">Each caption looks for its image.</param>
/// <param name="Count">Pairs that were compared.</param>
/// <param name="Damaged">Chosen rows without a caption or with an image that could not be decoded; they are not among the pairs.</param>
public sealed record RetrievalMetrics(
    long Step, long Samples, string Source, double Loss, RetrievalRecall ImageToText, RetrievalRecall TextToImage, long Count,
    long Damaged) : ReplicaMessage
{
    /// <summary>Images with different bytes among the pairs; null in records of older versions.</summary>
    public long? Images { get; init; }
}

/// <summary>Share of queries, 0 to 1, that have a right item among the 1, 5 or 10 that score highest.</summary>
/// <remarks>
/// Rows with the same image bytes are one image, and any caption of such a row is right for it, by its text. Among equal scores
/// wrong items come first.
/// </remarks>
public sealed record RetrievalRecall(double At1, double At5, double At10);

/// <summary>One image under the labels of <c>clipd classify</c>.</summary>
/// <param name="Labels">The most probable first.</param>
/// <param name="Probabilities">Of each label, 0 to 1; over all labels that were asked for the sum is 1.</param>
public sealed record ImageClassified(string Image, IReadOnlyList<string> Labels, IReadOnlyList<double> Probabilities) : ReplicaMessage;

/// <summary>A file of embeddings is complete.</summary>
/// <param name="Width">Numbers of one embedding.</param>
/// <param name="Damaged">Images that were left out because they could not be decoded.</param>
public sealed record EmbeddingsWritten(string Path, long Images, long Texts, int Width, long Damaged) : ReplicaMessage;

/// <summary>A checkpoint is in the run directory.</summary>
/// <param name="HeldSeconds">How long training stood still for it.</param>
/// <param name="WriteSeconds">How long it was written and hashed while training went on.</param>
public sealed record CheckpointSaved(long Step, string Path, double HeldSeconds, double WriteSeconds) : ReplicaMessage;

/// <summary>A checkpoint of the run directory is in S3, and published.</summary>
/// <param name="Path">Its URL.</param>
/// <param name="Bytes">That were sent now; fewer than it has where an earlier try was interrupted.</param>
/// <param name="Seconds">How long that took.</param>
public sealed record CheckpointSent(long Step, string Path, long Bytes, double Seconds) : ReplicaMessage;

/// <summary>What a replica expects to have used of its host's memory at its peak, before it begins.</summary>
/// <param name="Bytes">The sum of <paramref name="Parts"/>.</param>
/// <param name="AvailableBytes">What it may use.</param>
public sealed record MemoryPlanned(IReadOnlyList<MemoryPart> Parts, long Bytes, long AvailableBytes) : ReplicaMessage;

/// <summary>One use of memory.</summary>
public sealed record MemoryPart(string Name, long Bytes);

/// <summary>What a replica used.</summary>
/// <param name="PeakBytes">The largest resident size that its process had.</param>
public sealed record MemoryUsed(long PlannedBytes, long PeakBytes) : ReplicaMessage;

/// <summary>Something that a person should know; the run goes on.</summary>
public sealed record RunNotice(long Step, string Text) : ReplicaMessage;

/// <summary>A person, or a program in a person's place, asked for something.</summary>
/// <param name="Request">As in <c>stop</c>, <c>cancel</c>, <c>checkpoint</c>, <c>drain host b</c>.</param>
/// <param name="By">Who, as far as is known: <c>ann@workstation (10.0.0.7)</c>, or the signal that came.</param>
public sealed record RequestReceived(long Step, string Request, string By) : ReplicaMessage;

/// <summary>What cost the run time or replicas, as far as it is known; a later record of the same number replaces it.</summary>
/// <param name="What">As in <c>host lost</c>.</param>
/// <param name="Closed">Null: it goes on.</param>
/// <param name="Action">What was done about it; empty: nothing yet.</param>
/// <param name="SecondsLost">Null until it is closed.</param>
/// <param name="UsefulSeconds">Of the run up to now, in steps that count.</param>
/// <param name="WallSeconds">Of the run up to now.</param>
public sealed record IncidentRecorded(
    long Number, string What, DateTimeOffset Opened, DateTimeOffset? Closed, string Evidence, string Action, IReadOnlyList<string> Hosts,
    double? SecondsLost, long StepsRecomputed, double UsefulSeconds, double WallSeconds) : ReplicaMessage;

/// <summary>The replica is about to exit.</summary>
/// <param name="Finished">True: all steps are done; false: stopped with its state saved.</param>
public sealed record RunEnded(long Step, bool Finished, double Seconds) : ReplicaMessage;

/// <summary>Something that no one here can mend; the process ends with exit code 1, and what was saved stays.</summary>
public sealed record RunFailed(string Text) : ReplicaMessage;

/// <summary>The input cannot be used; the process ends with exit code 2.</summary>
public sealed record InputRefused(IReadOnlyList<string> Errors) : ReplicaMessage;
