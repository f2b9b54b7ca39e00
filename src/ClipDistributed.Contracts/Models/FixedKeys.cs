using System.Text.Json;
using System.Text.Json.Nodes;

namespace ClipDistributed.Contracts.Models;

/// <summary>
/// Keys of OpenCLIP's configs that this program does not implement. Where such a key says what is done anyway it is taken
/// out; another value is an error that names it. So no model is silently built otherwise than its config says.
/// </summary>
internal static class FixedKeys
{
    /// <summary>Of text_cfg: without it OpenCLIP looks for no tokenizer in a folder.</summary>
    public const string TokenizerName = "hf_tokenizer_name";

    private const string HuggingFace = "text towers of transformers are not supported";

    // What each key may say; every list also allows null, which OpenCLIP reads as "not given".
    private static readonly Dictionary<string, (string[] Allowed, string Otherwise)> Model = new()
    {
        ["custom_text"] = (["true", "false"], "use true or false"),
        ["nonscalar_logit_scale"] = (["false"], "only false is supported"),
        ["multimodal_cfg"] = ([], "generative (CoCa) models are not supported"),
        ["cast_dtype"] = ([], "leave it out: precision belongs to the spec"),
        ["output_dict"] = (["true", "false"], "use true or false"),
    };

    private static readonly Dictionary<string, (string[] Allowed, string Otherwise)> Block = new()
    {
        ["block_type"] = (["\"default\""], "only null is supported"),
        ["qk_norm"] = (["false"], "only false is supported"),
        ["scaled_cosine_attn"] = (["false"], "only false is supported"),
        ["scale_heads"] = (["false"], "only false is supported"),
        ["scale_attn_inner"] = (["false"], "only false is supported"),
        ["scale_attn"] = (["false"], "only false is supported"),
        ["scale_fc"] = (["false"], "only false is supported"),
        ["output_tokens"] = (["true", "false"], "use true or false"), // tokens beside the feature, which are not used here
    };

    private static readonly Dictionary<string, (string[] Allowed, string Otherwise)> Vision = new(Block)
    {
        ["patch_dropout"] = (["0", "0.0"], "only 0 is supported"),
        ["attentional_pool"] = (["false"], "only false is supported"),
        ["attn_pooler_queries"] = (["256"], "only 256, which is not used, is supported"),
        ["attn_pooler_heads"] = (["8"], "only 8, which is not used, is supported"),
        ["pos_embed_type"] = (["\"learnable\""], "only learnable is supported"),
        ["input_patchnorm"] = (["false"], "only false is supported"),
        ["global_average_pool"] = (["false"], "only false is supported"),
        ["act_kwargs"] = (["{}"], "only null is supported"),
        ["norm_kwargs"] = (["{}", """{"eps":1e-5}""", """{"eps":0.00001}"""], "only null (an epsilon of 1e-5) is supported"),
        ["timm_model_pretrained"] = (["false"], "only false is supported; weights are named by model.init_from"),
        ["timm_drop"] = (["0", "0.0"], "only 0 is supported"),
        ["timm_drop_path"] = (["0", "0.0"], "only 0 is supported"),
    };

    private static readonly Dictionary<string, (string[] Allowed, string Otherwise)> Text = new(Block)
    {
        ["embed_cls"] = (["false"], "only false is supported"),
        ["ln_post_emb"] = (["false"], "only false is supported"),
        ["pad_id"] = (["0"], "only 0 is supported"),
        ["final_ln_after_pool"] = (["true", "false"], "use true or false"), // the same for a feature that is read at one token
        ["tokenizer_mode"] = (["\"clip\""], "only clip is supported"),
        ["hf_model_name"] = ([], HuggingFace),
        ["hf_model_pretrained"] = (["true", "false"], HuggingFace),
        ["hf_proj_type"] = (["\"mlp\""], HuggingFace),
        ["hf_pooler_type"] = (["\"mean_pooler\""], HuggingFace),
    };

    /// <summary>Takes these keys out of "model_cfg".</summary>
    /// <param name="at">Of the object: "model_cfg." or nothing.</param>
    public static void Take(JsonObject model, string at, Action<string> refuse)
    {
        Take(model, Model, at, refuse);
        if (model["vision_cfg"] is JsonObject vision)
            Take(vision, Vision, $"{at}vision_cfg.", refuse);
        if (model["text_cfg"] is JsonObject text)
        {
            Take(text, Text, $"{at}text_cfg.", refuse);
            TakeTokenizerName(text, at, refuse);
        }
    }

    /// <summary>Only says that the folder's own tokenizer files are to be used, which is done anyway.</summary>
    private static void TakeTokenizerName(JsonObject text, string at, Action<string> refuse)
    {
        if (text.TryGetPropertyValue(TokenizerName, out var name) && name is not null && name.GetValueKind() != JsonValueKind.String)
            refuse($"{at}text_cfg.{TokenizerName} is {name.ToJsonString(Compact)}; use a name, or leave it out.");
        text.Remove(TokenizerName);
    }

    private static void Take(
        JsonObject from, Dictionary<string, (string[] Allowed, string Otherwise)> keys, string at, Action<string> refuse)
    {
        foreach (var (key, (allowed, otherwise)) in keys)
        {
            if (!from.TryGetPropertyValue(key, out var value))
                continue;
            if (value is not null && !allowed.Any(same => JsonNode.DeepEquals(JsonNode.Parse(same), value)))
                refuse($"{at}{key} is {value.ToJsonString(Compact)}; {otherwise}.");
            from.Remove(key);
        }
    }

    private static readonly JsonSerializerOptions Compact = new() { WriteIndented = false };
}
