using System.Text.Json.Serialization;
using ClipDistributed.Contracts.Models.Keys;

namespace ClipDistributed.Contracts.Models.Vision;

/// <summary>"timm_model_kwargs": what changes the sizes of the named architecture; null keeps the architecture's own.</summary>
public sealed record TimmKwargs
{
    [Side]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ImgSize { get; init; }

    [Side]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? PatchSize { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? EmbedDim { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Depth { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? NumHeads { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MlpRatio { get; init; }
}
