using System.Text.Json;
using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Contracts.Models.HuggingFace;

/// <summary>A model's config in the form of a Hugging Face CLIPModel folder.</summary>
public static class HuggingFaceWriter
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>The text of <c>config.json</c>.</summary>
    /// <inheritdoc cref="Check"/>
    public static string Config(ModelFolderConfig config)
    {
        Check(config);
        var model = config.ModelCfg;
        string act = model.QuickGelu ? "quick_gelu" : "gelu";
        var (vision, text) = (model.VisionCfg, model.TextCfg);
        return new JsonObject
        {
            ["architectures"] = new JsonArray("CLIPModel"),
            ["model_type"] = "clip",
            ["torch_dtype"] = "float32",
            ["logit_scale_init_value"] = model.InitLogitScale ?? 2.6592,
            ["projection_dim"] = model.EmbedDim,
            ["text_config"] = new JsonObject
            {
                ["model_type"] = "clip_text_model",
                ["vocab_size"] = text.VocabSize,
                ["max_position_embeddings"] = text.ContextLength,
                ["hidden_size"] = text.Width,
                ["intermediate_size"] = (int)(text.Width * text.MlpRatio),
                ["num_hidden_layers"] = text.Layers,
                ["num_attention_heads"] = text.Heads,
                ["projection_dim"] = model.EmbedDim,
                ["hidden_act"] = act,
                ["layer_norm_eps"] = 1e-5,
                ["bos_token_id"] = text.VocabSize - 2,
                ["eos_token_id"] = text.VocabSize - 1,
                ["pad_token_id"] = 0,
            },
            ["vision_config"] = new JsonObject
            {
                ["model_type"] = "clip_vision_model",
                ["image_size"] = vision.ImageSize,
                ["patch_size"] = vision.PatchSize,
                ["num_channels"] = 3,
                ["hidden_size"] = vision.Width,
                ["intermediate_size"] = (int)(vision.Width * vision.MlpRatio),
                ["num_hidden_layers"] = vision.Layers.Total,
                ["num_attention_heads"] = vision.Width / vision.HeadWidth,
                ["projection_dim"] = model.EmbedDim,
                ["hidden_act"] = act,
                ["layer_norm_eps"] = 1e-5,
            },
        }.ToJsonString(Json);
    }

    /// <summary>The text of <c>preprocessor_config.json</c>.</summary>
    public static string Preprocessor(ModelFolderConfig config)
    {
        int size = config.ModelCfg.VisionCfg.ImageSize;
        return new JsonObject
        {
            ["image_processor_type"] = "CLIPImageProcessor",
            ["feature_extractor_type"] = "CLIPFeatureExtractor",
            ["do_convert_rgb"] = true,
            ["do_resize"] = true,
            ["size"] = config.PreprocessCfg.ResizeMode == "squash"
                ? new JsonObject { ["height"] = size, ["width"] = size }
                : new JsonObject { ["shortest_edge"] = size },
            ["resample"] = config.PreprocessCfg.Interpolation == "bilinear"
                ? HuggingFacePreprocessor.Bilinear
                : HuggingFacePreprocessor.Bicubic,
            ["do_center_crop"] = true,
            ["crop_size"] = new JsonObject { ["height"] = size, ["width"] = size },
            ["do_rescale"] = true,
            ["rescale_factor"] = 1 / 255.0,
            ["do_normalize"] = true,
            ["image_mean"] = new JsonArray([.. config.PreprocessCfg.Mean.Select(value => (JsonNode)value)]),
            ["image_std"] = new JsonArray([.. config.PreprocessCfg.Std.Select(value => (JsonNode)value)]),
        }.ToJsonString(Json);
    }

    /// <exception cref="BadInputException">CLIPModel cannot express this model; names all that it cannot.</exception>
    public static void Check(ModelFolderConfig config)
    {
        var (model, form) = (config.ModelCfg, config.ModelCfg.VisionCfg.Form);
        var errors = new List<string>();
        Refuse(form.NotInHuggingFace is not null, form.NotInHuggingFace!);
        Refuse(model.InitLogitBias is not null, "init_logit_bias is given");
        Refuse(model.VisionCfg.PoolsMean, "vision_cfg.pool_type is avg");
        Refuse(model.VisionCfg.NoLnPre, "vision_cfg.no_ln_pre is true");
        Refuse(model.VisionCfg.LsInitValue is not null, "vision_cfg.ls_init_value is given");
        Refuse(model.TextCfg.LsInitValue is not null, "text_cfg.ls_init_value is given");
        Refuse(model.TextCfg.NoCausalMask, "text_cfg.no_causal_mask is true");
        Refuse(model.TextCfg.PoolType is not null, $"text_cfg.pool_type is {model.TextCfg.PoolType}");
        Refuse(model.TextCfg.ProjBias, "text_cfg.proj_bias is true");
        Refuse(model.TextCfg.ProjType is not null, $"text_cfg.proj_type is {model.TextCfg.ProjType}");
        Refuse(model.TextCfg.NormKwargs is not null, "text_cfg.norm_kwargs is given");
        Refuse(model.TextCfg.ActKwargs is not null, "text_cfg.act_kwargs is given");
        Refuse(config.PreprocessCfg.ResizeMode == "longest", "preprocess_cfg.resize_mode is longest");
        if (errors.Count > 0)
            throw new BadInputException(errors);

        void Refuse(bool cannot, string what)
        {
            if (cannot)
                errors.Add($"{what}; Hugging Face's CLIPModel has no such thing, export to open_clip instead.");
        }
    }
}
