using System.Text.Json.Serialization;
using ClipDistributed.Contracts.Models.Keys;
using ClipDistributed.Contracts.Models.Vision;

namespace ClipDistributed.Contracts.Models.Vision;

/// <summary>
/// The image tower: a vision transformer with pre-LN blocks, CLIP's ResNet where layers is a list, or what timm_model_name says.
/// </summary>
public sealed record VisionConfig
{
    public const string TokenPool = "tok", MeanPool = "avg";

    /// <summary>Side of the square input, pixels.</summary>
    [Side]
    public int ImageSize { get; init; } = 224;

    /// <summary>Side of a patch, pixels; divides the image size. A ResNet has none.</summary>
    [Side]
    [JsonConverter(typeof(NullIsZero))]
    public int PatchSize { get; init; } = 16;

    /// <summary>Channels of a transformer's tokens; of a ResNet, those that its stem gives (its features have 32 times as many).</summary>
    public int Width { get; init; } = 768;

    public TowerLayers Layers { get; init; } = 12;

    /// <summary>Channels of one attention head.</summary>
    public int HeadWidth { get; init; } = 64;

    /// <summary>Width of the MLP's inner layer over the tower's width.</summary>
    public double MlpRatio { get; init; } = 4;

    /// <summary>Where the gains of residual branches begin (arXiv 2103.17239); left out: there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? LsInitValue { get; init; }

    /// <summary>True: the blocks' input is not normalised.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool NoLnPre { get; init; }

    /// <summary>Left out or tok: the feature is read at the class token; avg: it is the mean of the patches.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PoolType { get; init => field = value == TokenPool ? null : value; }

    /// <summary>True: pooled and then normalised; makes a difference to the mean only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool FinalLnAfterPool { get; init; }

    /// <summary>The architecture of timm; it replaces all keys above but the image size.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TimmModelName { get; init; }

    /// <summary>How timm's tower pools; left out: avg.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TimmPool { get; init; }

    /// <summary>
    /// linear, none, or the empty text for the head of timm's own model, which configs also write as null; left out: linear.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TimmProj { get; init; }

    /// <summary>Whether timm_proj linear has a bias.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool TimmProjBias { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TimmKwargs? TimmModelKwargs { get; init; }

    [JsonIgnore]
    public bool PoolsMean => PoolType == MeanPool;

    /// <summary>Which tower this is.</summary>
    [JsonIgnore]
    public VisionForm Form => VisionForm.Of(this);
}
