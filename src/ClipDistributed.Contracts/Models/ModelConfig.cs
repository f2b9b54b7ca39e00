using System.Text.Json;
using System.Text.Json.Serialization;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Models.Keys;
using ClipDistributed.Contracts.Models.Vision;

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

    /// <summary>Whether the image tower normalises over the batch, so that the micro-batch is part of the trajectory.</summary>
    [JsonIgnore]
    public bool HasBatchNorm => VisionCfg.Form.HasBatchNorm;

    /// <summary>
    /// The same model as the sigmoid loss wants it: SigLIP's beginnings (arXiv 2303.15343, section 3.2) where none are given.
    /// </summary>
    public ModelConfig ForSigmoid() => this with { InitLogitScale = InitLogitScale ?? Math.Log(10), InitLogitBias = InitLogitBias ?? -10 };
}

/// <summary>
/// How images become the image tower's input outside of training ("preprocess_cfg"). In training a random crop is resized bicubically
/// whatever this says, as OpenCLIP does.
/// </summary>
public sealed record PreprocessConfig
{
    /// <summary>Mean of each channel (R, G, B) of images in [0, 1]; OpenAI's statistics by default.</summary>
    public double[] Mean { get; init; } = [0.48145466, 0.4578275, 0.40821073];

    public double[] Std { get; init; } = [0.26862954, 0.26130258, 0.27577711];

    /// <summary>bicubic, bilinear, or random, which is either in training and bicubic otherwise.</summary>
    public string Interpolation { get; init; } = "bicubic";

    /// <summary>shortest: scale the shortest side, crop the centre. longest: scale the longest, pad. squash: scale both.</summary>
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

    /// <summary>Bytes of any config file.</summary>
    public const long MaxFileBytes = 4_000_000;

    public required ModelConfig ModelCfg { get; init; }

    public PreprocessConfig PreprocessCfg { get; init; } = new();

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        WriteIndented = true,
    };

    /// <summary>
    /// The folder holds a tokenizer as transformers opens it. The config then names one (a folder on disk needs any name at all, the
    /// Hugging Face Hub its own), for without a name OpenCLIP would take OpenAI's vocabulary, silently.
    /// </summary>
    [JsonIgnore]
    public bool HasTokenizer { get; init; }

    public string ToJson()
    {
        var config = JsonSerializer.SerializeToNode(this, Json)!;
        if (ModelCfg.VisionCfg.TimmModelName is not null)
            ConfigKeys.DropForTimm(config["model_cfg"]!["vision_cfg"]!.AsObject());
        if (HasTokenizer)
            config["model_cfg"]!["text_cfg"]![FixedKeys.TokenizerName] = "local";
        return config.ToJsonString(Json);
    }

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
        if (FileKinds.Of(path) == FileKind.Missing)
            throw new BadInputException($"{Path.GetFullPath(path)}: there is no such model config.");
        string json = InputFile.ReadText(path, null, MaxFileBytes);
        return json.Contains("\"model_cfg\"", StringComparison.Ordinal)
            ? Parse(json, path)
            : new ModelFolderConfig { ModelCfg = ParseModel(json, path) };
    }

    private static T Parse<T>(string json, string source)
    {
        var errors = new List<string>();
        var node = JsonText.Parse(json, source);
        Action<string> refuse = error => errors.Add($"{source}: {error}");
        var known = typeof(T) == typeof(ModelFolderConfig) ? ConfigKeys.TakeFile(node, refuse) : ConfigKeys.TakeModel(node, "", refuse);
        return errors.Count == 0 ? JsonSerializer.Deserialize<T>(known.ToJsonString(), Json)! : throw new BadInputException(errors);
    }
}
