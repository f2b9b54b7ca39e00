using System.Text.Json.Serialization;

namespace ClipDistributed.Contracts.Models;

/// <summary>The text tower: a transformer whose feature is read at one token.</summary>
public sealed record TextConfig
{
    /// <summary>
    /// Where the feature is read: at the largest id, which ends a text of CLIP; at the first or last token; at <see cref="EosId"/>.
    /// </summary>
    public const string LargestId = "argmax", FirstToken = "first", LastToken = "last", EndOfText = "eos";

    /// <summary>Of <see cref="ProjType"/>.</summary>
    public const string LinearProjection = "linear", NoProjection = "none";

    /// <summary>Tokens of a text, start and end included; longer texts are cut.</summary>
    public int ContextLength { get; init; } = 77;

    public int VocabSize { get; init; } = 49408;

    public int Width { get; init; } = 512;

    public int Heads { get; init; } = 8;

    public int Layers { get; init; } = 12;

    public double MlpRatio { get; init; } = 4;

    /// <summary>As <see cref="VisionConfig.LsInitValue"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? LsInitValue { get; init; }

    /// <summary>True: every token sees all tokens of the context, padding included; else only those before it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool NoCausalMask { get; init; }

    /// <summary>Left out: argmax.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PoolType { get; init => field = value == LargestId ? null : value; }

    /// <summary>The id that ends a text, for pool_type eos; the tokenizer's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? EosId { get; init; }

    /// <summary>linear; or none: the features are as wide as the tower. Left out: linear.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ProjType { get; init => field = value == LinearProjection ? null : value; }

    /// <summary>Whether the projection has a bias.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ProjBias { get; init; }

    /// <summary>What the tokenizer must do; null: what its own file says.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TokenizerKwargs? TokenizerKwargs { get; init => field = value?.Clean is null ? null : value; }

    /// <summary>Of the layer norms; null: as PyTorch.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public NormKwargs? NormKwargs { get; init => field = value?.Eps is null or NormKwargs.Usual ? null : value; }

    /// <summary>Of the activation; null: the exact GELU, or what quick_gelu says.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ActKwargs? ActKwargs { get; init => field = value?.Approximate is null or ActKwargs.Exact ? null : value; }
}

/// <summary>"tokenizer_kwargs".</summary>
public sealed record TokenizerKwargs
{
    public const string Lower = "lower", Whitespace = "whitespace", Canonicalize = "canonicalize";

    /// <summary>How texts are cleaned before they are cut into tokens; null: as the tokenizer's own file says.</summary>
    public string? Clean { get; init; }
}

/// <summary>"norm_kwargs".</summary>
public sealed record NormKwargs
{
    public const double Usual = 1e-5;

    /// <summary>What is added to the variance.</summary>
    public double? Eps { get; init; }
}

/// <summary>"act_kwargs".</summary>
public sealed record ActKwargs
{
    public const string Exact = "none", Tanh = "tanh";

    /// <summary>tanh: GELU by its approximation with a hyperbolic tangent.</summary>
    public string? Approximate { get; init; }
}
