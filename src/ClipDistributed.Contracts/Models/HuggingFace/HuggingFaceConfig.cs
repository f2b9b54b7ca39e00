using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models.Keys;
using ClipDistributed.Contracts.Models.Vision;

namespace ClipDistributed.Contracts.Models.HuggingFace;

/// <summary>Reads the <c>config.json</c> and <c>preprocessor_config.json</c> of a Hugging Face CLIPModel folder.</summary>
public sealed class HuggingFaceConfig
{
    public const string FileName = "config.json", PreprocessorFileName = "preprocessor_config.json";

    private readonly string source;
    private readonly List<string> errors = [];

    private HuggingFaceConfig(string source) => this.source = source;

    /// <param name="preprocessor">The text of preprocessor_config.json; null: CLIP's.</param>
    /// <param name="source">The path of config.json, named in errors.</param>
    /// <exception cref="BadInputException">
    /// The text is not such a config, or describes a model that is not supported; lists all that is wrong.
    /// </exception>
    public static ModelFolderConfig Parse(string config, string? preprocessor, string source)
    {
        var reader = new HuggingFaceConfig(source);
        var model = reader.Model(JsonText.Parse(config, source));
        var preprocess = preprocessor is null ? new PreprocessConfig()
            : HuggingFacePreprocessor.Parse(
                preprocessor, model.VisionCfg.ImageSize, reader.errors,
                Path.Combine(Path.GetDirectoryName(source) ?? "", PreprocessorFileName));
        if (reader.errors.Count > 0)
            throw new BadInputException(reader.errors);
        var whole = new ModelFolderConfig { ModelCfg = model, PreprocessCfg = preprocess };
        ModelConfigValidator.Check(whole, source);
        return whole;
    }

    private ModelConfig Model(JsonObject root)
    {
        if (Value(root, "model_type", "clip", "") is var type and not "clip")
            Add($"model_type is '{type}'; only CLIP models are supported.");
        var vision = Part(root, "vision_config");
        var text = Part(root, "text_config");
        string imageAct = Value(vision, "hidden_act", "quick_gelu", "vision_config."),
            textAct = Value(text, "hidden_act", "quick_gelu", "text_config.");
        if (imageAct is not ("quick_gelu" or "gelu"))
            Add($"vision_config.hidden_act is '{imageAct}'; use quick_gelu or gelu.");
        if (textAct != imageAct)
            Add($"text_config.hidden_act is '{textAct}', vision_config.hidden_act '{imageAct}'; both towers must have the same.");
        Only(vision, "num_channels", 3, "vision_config.", "only 3 (RGB) is supported");
        Common(vision, "vision_config.");
        Common(text, "text_config.");

        int width = Value(vision, "hidden_size", 768, "vision_config."), heads = Value(vision, "num_attention_heads", 12, "vision_config."),
            textWidth = Value(text, "hidden_size", 512, "text_config.");
        if (heads < 1 || width % heads != 0)
            Add($"vision_config.num_attention_heads is {heads}, which does not divide hidden_size {width}; choose a divisor.");
        int vocabulary = Value(text, "vocab_size", 49408, "text_config."), end = Value(text, "eos_token_id", 49407, "text_config.");
        // 2 means "the largest id" there; another value the first token of that id. Ours is the first of the largest.
        if (end != 2 && end != vocabulary - 1)
            Add($"text_config.eos_token_id is {end}; only vocab_size − 1 = {vocabulary - 1}, or 2 for the largest id, is supported.");
        return new ModelConfig
        {
            EmbedDim = Value(root, "projection_dim", 512, ""),
            QuickGelu = imageAct == "quick_gelu",
            VisionCfg = new VisionConfig
            {
                ImageSize = Side(vision, "image_size", 224, "vision_config."),
                PatchSize = Side(vision, "patch_size", 32, "vision_config."),
                Width = width,
                Layers = Value(vision, "num_hidden_layers", 12, "vision_config."),
                HeadWidth = Math.Max(1, width / Math.Max(1, heads)),
                MlpRatio = Ratio(Value(vision, "intermediate_size", 3072, "vision_config."), width),
            },
            TextCfg = new TextConfig
            {
                ContextLength = Value(text, "max_position_embeddings", 77, "text_config."),
                VocabSize = vocabulary,
                Width = textWidth,
                Heads = Value(text, "num_attention_heads", 8, "text_config."),
                Layers = Value(text, "num_hidden_layers", 12, "text_config."),
                MlpRatio = Ratio(Value(text, "intermediate_size", 2048, "text_config."), textWidth),
            },
        };
    }

    /// <summary>"text_config", and over it what old files repeat in "text_config_dict".</summary>
    private JsonObject Part(JsonObject root, string name)
    {
        if (root[name] is { } given and not JsonObject)
            Add($"{name} is {JsonText.Shown(given)}; give an object of keys and values.");
        var part = root[name] as JsonObject ?? [];
        foreach (var (key, value) in root[$"{name}_dict"] as JsonObject ?? [])
            part[key] = value?.DeepClone();
        return part;
    }

    private void Common(JsonObject part, string at)
    {
        Only(part, "layer_norm_eps", 1e-5, at, "only 1e-5 is supported");
        Only(part, "attention_dropout", 0.0, at, "only 0 is supported");
        Only(part, "dropout", 0.0, at, "only 0 is supported");
    }

    /// <summary>The ratio that gives exactly this inner width when it is multiplied and cut.</summary>
    private static double Ratio(int inner, int width)
    {
        double ratio = (double)inner / Math.Max(1, width);
        while ((int)(ratio * width) < inner && width > 0)
            ratio = Math.BitIncrement(ratio);
        return ratio;
    }

    private int Value(JsonObject part, string key, int missing, string at) =>
        Value(part, key, JsonText.Whole, "a whole number", at) ?? missing;

    private string Value(JsonObject part, string key, string missing, string at)
    {
        if (part[key] is { } value && JsonText.Text(value) is null)
            Add($"{at}{key} is {JsonText.Shown(value)}; give a text.");
        return JsonText.Text(part[key]) ?? missing;
    }

    private int Side(JsonObject part, string key, int missing, string at) =>
        Value(part, key, JsonText.Side, "a whole number, or two equal ones in a list; only square images and patches are supported", at)
            ?? missing;

    /// <returns>Null: it is not given, or wrong, which is an error then.</returns>
    private T? Value<T>(JsonObject part, string key, Func<JsonNode?, T?> read, string expected, string at)
        where T : struct
    {
        var found = read(part[key]);
        if (found is null && part[key] is { } value)
            Add($"{at}{key} is {JsonText.Shown(value)}; give {expected}.");
        return found;
    }

    private void Only(JsonObject part, string key, double supported, string at, string otherwise)
    {
        if (part[key] is { } value && JsonText.Number(value) != supported)
            Add($"{at}{key} is {JsonText.Shown(value)}; {otherwise}.");
    }

    private void Add(string error) => errors.Add($"{source}: {error}");
}
