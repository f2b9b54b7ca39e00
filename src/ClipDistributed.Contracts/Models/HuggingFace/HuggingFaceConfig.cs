using System.Text.Json;
using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Contracts.Models.HuggingFace;

/// <summary>Reads the <c>config.json</c> and <c>preprocessor_config.json</c> of a Hugging Face CLIPModel folder.</summary>
public sealed class HuggingFaceConfig
{
    public const string FileName = "config.json", PreprocessorFileName = "preprocessor_config.json", WeightsFileName = "model.safetensors";

    private const int Bicubic = 3; // Pillow's number

    private readonly string source;
    private readonly List<string> errors = [];

    private HuggingFaceConfig(string source) => this.source = source;

    /// <param name="preprocessor">The text of preprocessor_config.json; null: CLIP's.</param>
    /// <param name="source">The path of config.json, named in errors.</param>
    /// <exception cref="BadInputException">The text is not such a config, or describes a model that is not supported; lists all that is wrong.</exception>
    public static ModelFolderConfig Parse(string config, string? preprocessor, string source)
    {
        var reader = new HuggingFaceConfig(source);
        try
        {
            var model = reader.Model(JsonNode.Parse(config) as JsonObject ?? throw new BadInputException($"{source} is not an object of keys and values; a model config is one."));
            var preprocess = preprocessor is null ? new PreprocessConfig() : new HuggingFacePreprocessor(reader.errors, Path.Combine(Path.GetDirectoryName(source) ?? "", PreprocessorFileName)).Read(preprocessor, model.VisionCfg.ImageSize);
            if (reader.errors.Count > 0)
                throw new BadInputException(reader.errors);
            var whole = new ModelFolderConfig { ModelCfg = model, PreprocessCfg = preprocess };
            ModelConfigValidator.Check(whole, source);
            return whole;
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new BadInputException($"{source}: {wrong.Message.ReplaceLineEndings(" ")}");
        }
    }

    private ModelConfig Model(JsonObject root)
    {
        Only(root, "model_type", "clip", "", "only CLIP models are supported");
        var vision = Part(root, "vision_config");
        var text = Part(root, "text_config");
        string imageAct = Value(vision, "hidden_act", "quick_gelu"), textAct = Value(text, "hidden_act", "quick_gelu");
        if (imageAct is not ("quick_gelu" or "gelu"))
            Add($"vision_config.hidden_act is '{imageAct}'; use quick_gelu or gelu.");
        if (textAct != imageAct)
            Add($"text_config.hidden_act is '{textAct}', vision_config.hidden_act '{imageAct}'; both towers must have the same.");
        Only(vision, "num_channels", 3, "vision_config.", "only 3 (RGB) is supported");
        Common(vision, "vision_config.");
        Common(text, "text_config.");

        int width = Value(vision, "hidden_size", 768), heads = Value(vision, "num_attention_heads", 12), textWidth = Value(text, "hidden_size", 512);
        if (heads < 1 || width % heads != 0)
            Add($"vision_config.num_attention_heads is {heads}, which does not divide hidden_size {width}; choose a divisor.");
        int vocabulary = Value(text, "vocab_size", 49408), end = Value(text, "eos_token_id", 49407);
        // 2 means "the largest id" there; another value the first token of that id. Ours is the first of the largest.
        if (end != 2 && end != vocabulary - 1)
            Add($"text_config.eos_token_id is {end}; only vocab_size − 1 = {vocabulary - 1}, or 2 for the largest id, is supported.");
        return new ModelConfig
        {
            EmbedDim = Value(root, "projection_dim", 512),
            QuickGelu = imageAct == "quick_gelu",
            VisionCfg = new VisionConfig
            {
                ImageSize = Value(vision, "image_size", 224),
                PatchSize = Value(vision, "patch_size", 32),
                Width = width,
                Layers = Value(vision, "num_hidden_layers", 12),
                HeadWidth = Math.Max(1, width / Math.Max(1, heads)),
                MlpRatio = Ratio(Value(vision, "intermediate_size", 3072), width),
            },
            TextCfg = new TextConfig
            {
                ContextLength = Value(text, "max_position_embeddings", 77),
                VocabSize = vocabulary,
                Width = textWidth,
                Heads = Value(text, "num_attention_heads", 8),
                Layers = Value(text, "num_hidden_layers", 12),
                MlpRatio = Ratio(Value(text, "intermediate_size", 2048), textWidth),
            },
        };
    }

    /// <summary>"text_config", and over it what old files repeat in "text_config_dict".</summary>
    private static JsonObject Part(JsonObject root, string name)
    {
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

    private static T Value<T>(JsonObject part, string key, T missing) => part[key] is { } value ? value.GetValue<T>() : missing;

    private void Only<T>(JsonObject part, string key, T supported, string at, string otherwise)
    {
        if (part[key] is { } value && !Equals(value.GetValue<T>(), supported))
            Add($"{at}{key} is {value.ToJsonString()}; {otherwise}.");
    }

    private void Add(string error) => errors.Add($"{source}: {error}");

    /// <summary>Reads preprocessor_config.json: old files give sizes as numbers, newer ones as objects.</summary>
    private sealed class HuggingFacePreprocessor(List<string> errors, string path)
    {
        public PreprocessConfig Read(string json, int imageSize)
        {
            var root = JsonNode.Parse(json) as JsonObject ?? throw new BadInputException($"{path} is not an object of keys and values.");
            foreach (string key in new[] { "do_resize", "do_center_crop", "do_normalize", "do_rescale" })
            {
                if (root[key] is { } on && !on.GetValue<bool>())
                    errors.Add($"{path}: {key} is false; only true is supported.");
            }
            if (root["resample"] is { } resample && resample.GetValue<int>() != Bicubic)
                errors.Add($"{path}: resample is {resample.ToJsonString()}; only {Bicubic} (bicubic) is supported.");
            CheckSize(root["size"], "size", imageSize);
            CheckSize(root["crop_size"], "crop_size", imageSize);
            var usual = new PreprocessConfig();
            return usual with { Mean = Numbers(root["image_mean"]) ?? usual.Mean, Std = Numbers(root["image_std"]) ?? usual.Std };
        }

        private void CheckSize(JsonNode? size, string key, int imageSize)
        {
            if (size is null)
                return;
            var sides = size is JsonObject named ? named.Select(side => side.Value?.GetValue<int>() ?? 0) : [size.GetValue<int>()];
            if (sides.Any(side => side != imageSize))
                errors.Add($"{path}: {key} is {size.ToJsonString()}; only the model's image_size {imageSize} is supported.");
        }

        private static double[]? Numbers(JsonNode? values) => values?.AsArray().Select(value => value?.GetValue<double>() ?? double.NaN).ToArray();
    }
}
