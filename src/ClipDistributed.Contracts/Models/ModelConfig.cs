using System.Text.Json;
using System.Text.Json.Serialization;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Contracts.Models;

/// <summary>
/// The shape of a model, in the form of OpenCLIP's <c>open_clip_config.json</c> ("model_cfg"). A key that is not listed
/// here is refused by name: a model that is silently built otherwise than its config says would give wrong features.
/// </summary>
public sealed record ModelConfig
{
    /// <summary>D, the width of the space that images and texts share.</summary>
    public required int EmbedDim { get; init; }

    /// <summary>True: x·σ(1.702x), as OpenAI's weights; false: the exact erf form.</summary>
    public bool QuickGelu { get; init; }

    /// <summary>Where logit_scale begins, a logarithm; left out: ln(1/0.07), as CLIP.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? InitLogitScale { get; init; }

    /// <summary>Where logit_bias begins; left out: the model has none. The sigmoid loss needs it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? InitLogitBias { get; init; }

    public required VisionConfig VisionCfg { get; init; }

    public required TextConfig TextCfg { get; init; }

    /// <summary>The same model as the sigmoid loss wants it: SigLIP's beginnings (arXiv 2303.15343, section 3.2) where none are given.</summary>
    public ModelConfig ForSigmoid() => this with { InitLogitScale = InitLogitScale ?? Math.Log(10), InitLogitBias = InitLogitBias ?? -10 };
}

/// <summary>The image tower: a vision transformer (arXiv 2010.11929) with class token and pre-LN blocks.</summary>
public sealed record VisionConfig
{
    /// <summary>Side of the square input, pixels.</summary>
    public required int ImageSize { get; init; }

    /// <summary>Side of a patch, pixels; divides the image size.</summary>
    public required int PatchSize { get; init; }

    public required int Width { get; init; }

    public required int Layers { get; init; }

    /// <summary>Channels of one attention head; width / head_width heads.</summary>
    public int HeadWidth { get; init; } = 64;

    /// <summary>Width of the MLP's inner layer over the tower's width.</summary>
    public double MlpRatio { get; init; } = 4;

    [JsonIgnore]
    public int Heads => Width / HeadWidth;

    /// <summary>Patches of one image.</summary>
    [JsonIgnore]
    public int Patches => ImageSize / PatchSize * (ImageSize / PatchSize);
}

/// <summary>The text tower: a causal transformer whose feature is read at the end-of-text token.</summary>
public sealed record TextConfig
{
    /// <summary>Tokens of a text, start and end included; longer texts are cut.</summary>
    public int ContextLength { get; init; } = 77;

    public int VocabSize { get; init; } = 49408;

    public required int Width { get; init; }

    public required int Heads { get; init; }

    public required int Layers { get; init; }

    public double MlpRatio { get; init; } = 4;
}

/// <summary>
/// How images become the image tower's input ("preprocess_cfg"). Only what <see cref="ModelConfigValidator"/> lets through
/// is computed so: bicubic, shortest, RGB.
/// </summary>
public sealed record PreprocessConfig
{
    /// <summary>Mean of each channel (R, G, B) of images in [0, 1]; OpenAI's statistics by default.</summary>
    public double[] Mean { get; init; } = [0.48145466, 0.4578275, 0.40821073];

    public double[] Std { get; init; } = [0.26862954, 0.26130258, 0.27577711];

    public string Interpolation { get; init; } = "bicubic";

    /// <summary>shortest: scale the shortest side, crop the centre.</summary>
    public string ResizeMode { get; init; } = "shortest";

    /// <summary>Colours of the input; OpenCLIP knows RGB alone. This and the next two keys are read to be checked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Mode { get; init; }

    /// <summary>The image size again: one number, or [height, width].</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Size { get; init; }

    /// <summary>What fills the border where resize_mode is longest.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? FillColor { get; init; }
}

/// <summary>The whole file <c>open_clip_config.json</c>.</summary>
public sealed record ModelFolderConfig
{
    public const string FileName = "open_clip_config.json";

    public required ModelConfig ModelCfg { get; init; }

    public PreprocessConfig PreprocessCfg { get; init; } = new();

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        WriteIndented = true,
    };

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <exception cref="BadInputException">The text is not such a file, or holds a key or a value that is not supported.</exception>
    public static ModelFolderConfig Parse(string json, string source)
    {
        var config = Parse<ModelFolderConfig>(json, source);
        ModelConfigValidator.Check(config, source);
        return config;
    }

    /// <summary>Reads "model_cfg" alone, as OpenCLIP's files under model_configs have it.</summary>
    /// <exception cref="BadInputException">As <see cref="Parse(string, string)"/>.</exception>
    public static ModelConfig ParseModel(string json, string source)
    {
        var model = Parse<ModelConfig>(json, source);
        ModelConfigValidator.Check(model, source);
        return model;
    }

    /// <summary>Reads either form from a file.</summary>
    /// <exception cref="BadInputException">There is no such file, or as <see cref="Parse(string, string)"/>.</exception>
    public static ModelFolderConfig ReadFile(string path)
    {
        if (!File.Exists(path))
            throw new BadInputException($"{Path.GetFullPath(path)}: there is no such model config.");
        string json = File.ReadAllText(path);
        return json.Contains("\"model_cfg\"", StringComparison.Ordinal) ? Parse(json, path) : new ModelFolderConfig { ModelCfg = ParseModel(json, path) };
    }

    private static T Parse<T>(string json, string source)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Json) ?? throw new BadInputException($"{source} holds null; a model config is an object.");
        }
        catch (JsonException wrong)
        {
            throw new BadInputException($"{source}: {wrong.Message}");
        }
    }
}
