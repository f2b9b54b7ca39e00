using System.Text.Json.Nodes;

namespace ClipDistributed.Contracts.Tests.Models;

/// <summary>The configuration that OpenCLIP writes for ViT-B-32.</summary>
internal static class OpenClipFile
{
    // The keys that OpenCLIP writes and knows, with the values of ViT-B-32.
    public const string Text = """
        {
          "model_cfg": {
            "embed_dim": 512,
            "quick_gelu": true,
            "vision_cfg": {"image_size": 224, "layers": 12, "width": 768, "patch_size": 32},
            "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 512, "heads": 8, "layers": 12}
          },
          "preprocess_cfg": {
            "size": 224,
            "mode": "RGB",
            "mean": [0.48145466, 0.4578275, 0.40821073],
            "std": [0.26862954, 0.26130258, 0.27577711],
            "interpolation": "bicubic",
            "resize_mode": "shortest",
            "fill_color": 0
          }
        }
        """;

    /// <param name="path">As in <c>model_cfg.embed_dim</c>.</param>
    /// <param name="value">Any JSON.</param>
    public static string With(string path, string value)
    {
        var root = JsonNode.Parse(Text)!;
        string[] keys = path.Split('.');
        keys[..^1].Aggregate(root, (node, key) => node[key]!)[keys[^1]] = JsonNode.Parse(value);
        return root.ToJsonString();
    }
}
