namespace ClipDistributed.Contracts.Models.HuggingFace;

/// <summary>The names of Hugging Face's CLIPModel (modeling_clip.py) for OpenCLIP's.</summary>
public static class HuggingFaceNames
{
    private const string Blocks = "transformer.resblocks.";

    private static readonly Dictionary<string, string> Copied = new()
    {
        ["logit_scale"] = "logit_scale",
        ["positional_embedding"] = "text_model.embeddings.position_embedding.weight",
        ["token_embedding.weight"] = "text_model.embeddings.token_embedding.weight",
        ["ln_final.weight"] = "text_model.final_layer_norm.weight",
        ["ln_final.bias"] = "text_model.final_layer_norm.bias",
        ["visual.class_embedding"] = "vision_model.embeddings.class_embedding",
        ["visual.positional_embedding"] = "vision_model.embeddings.position_embedding.weight",
        ["visual.conv1.weight"] = "vision_model.embeddings.patch_embedding.weight",
        ["visual.ln_pre.weight"] = "vision_model.pre_layrnorm.weight", // spelt so
        ["visual.ln_pre.bias"] = "vision_model.pre_layrnorm.bias",
        ["visual.ln_post.weight"] = "vision_model.post_layernorm.weight",
        ["visual.ln_post.bias"] = "vision_model.post_layernorm.bias",
    };

    private static readonly Dictionary<string, string> CopiedOfBlock = new()
    {
        ["ln_1"] = "layer_norm1", ["ln_2"] = "layer_norm2", ["attn.out_proj"] = "self_attn.out_proj", ["mlp.c_fc"] = "mlp.fc1",
        ["mlp.c_proj"] = "mlp.fc2",
    };

    /// <summary>The tensors that hold an OpenCLIP tensor; null where CLIPModel has no such thing.</summary>
    public static IReadOnlyList<TensorPart>? PartsOf(string name, long[] shape)
    {
        if (Copied.TryGetValue(name, out string? copy))
            return [new TensorPart(copy, shape)];
        if (name is "text_projection" or "visual.proj")
            return [new TensorPart(
                name == "visual.proj" ? "visual_projection.weight" : "text_projection.weight", [shape[1], shape[0]], Transposed: true)];
        bool image = name.StartsWith("visual.", StringComparison.Ordinal);
        string rest = image ? name["visual.".Length..] : name;
        if (!rest.StartsWith(Blocks, StringComparison.Ordinal) || rest.Split('.', 4) is not [_, _, var number, var layer])
            return null;
        string block = $"{(image ? "vision" : "text")}_model.encoder.layers.{number}";
        if (layer is "attn.in_proj_weight" or "attn.in_proj_bias")
        {
            long[] third = [shape[0] / 3, .. shape[1..]];
            string ending = layer["attn.in_proj_".Length..];
            return [.. new[] { "q_proj", "k_proj", "v_proj" }.Select(part => new TensorPart($"{block}.self_attn.{part}.{ending}", third))];
        }
        int dot = layer.LastIndexOf('.');
        return CopiedOfBlock.TryGetValue(layer[..dot], out string? same) ? [new TensorPart($"{block}.{same}{layer[dot..]}", shape)] : null;
    }
}
