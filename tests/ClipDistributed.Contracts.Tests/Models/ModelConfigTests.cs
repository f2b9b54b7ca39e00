using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;

namespace ClipDistributed.Contracts.Tests.Models;

public sealed class ModelConfigTests
{
    // The keys that OpenCLIP writes and knows, with the values of ViT-B-32.
    private const string OpenClip = """
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

    [Fact]
    public void Parse_OpenClipFile_IsThePreset()
    {
        var config = ModelFolderConfig.Parse(OpenClip, "file");
        Assert.Equal(ModelPresets.Find("ViT-B-32")!.Model, config.ModelCfg);
        Assert.Equal(12, config.ModelCfg.VisionCfg.Heads);
    }

    [Theory]
    [InlineData("[224]")]
    [InlineData("[224, 224]")]
    [InlineData("null")]
    public void Parse_SizeInAnotherForm_IsTheSame(string size) => Assert.NotNull(ModelFolderConfig.Parse(With("preprocess_cfg.size", size), "file"));

    [Theory]
    [InlineData("model_cfg.embed_dim", "0", "is 0; use 1 to 1048576.")]
    [InlineData("model_cfg.vision_cfg.patch_size", "0", "is 0; use 1 to 1048576.")]
    [InlineData("model_cfg.vision_cfg.patch_size", "30", "is 30, which does not divide image_size 224; choose a divisor.")]
    [InlineData("model_cfg.vision_cfg.width", "0", "is 0; use 1 to 1048576.")]
    [InlineData("model_cfg.vision_cfg.layers", "0", "is 0; use 1 to 1048576.")]
    [InlineData("model_cfg.vision_cfg.head_width", "0", "is 0; use 1 to 1048576.")]
    [InlineData("model_cfg.vision_cfg.head_width", "80", "is 80, which does not divide width 768; choose a divisor.")]
    [InlineData("model_cfg.vision_cfg.mlp_ratio", "0", "is 0; use a number above 0.")]
    [InlineData("model_cfg.vision_cfg.mlp_ratio", "0.001", "is 0.001, which makes the inner layer 0 wide; use 1 to 1048576.")]
    [InlineData("model_cfg.text_cfg.context_length", "1", "is 1; use 2 (start and end) to 1048576.")]
    [InlineData("model_cfg.text_cfg.vocab_size", "2", "is 2; use 3 (start, end and a word) to 1048576.")]
    [InlineData("model_cfg.text_cfg.vocab_size", "1048577", "is 1048577; use 3 (start, end and a word) to 1048576.")]
    [InlineData("model_cfg.text_cfg.width", "-1", "is -1; use 1 to 1048576.")]
    [InlineData("model_cfg.text_cfg.heads", "0", "is 0; use 1 to 1048576.")]
    [InlineData("model_cfg.text_cfg.heads", "7", "is 7, which does not divide width 512; choose a divisor.")]
    [InlineData("model_cfg.text_cfg.layers", "0", "is 0; use 1 to 1048576.")]
    [InlineData("model_cfg.text_cfg.mlp_ratio", "1e9", "is 1000000000, which makes the inner layer 512000000000 wide; use 1 to 1048576.")]
    [InlineData("preprocess_cfg.interpolation", "\"bilinear\"", "is 'bilinear'; only bicubic is supported.")]
    [InlineData("preprocess_cfg.resize_mode", "\"squash\"", "is 'squash'; only shortest is supported.")]
    [InlineData("preprocess_cfg.mode", "\"L\"", "is 'L'; only RGB is supported.")]
    [InlineData("preprocess_cfg.fill_color", "127", "is 127; only 0 is supported.")]
    [InlineData("preprocess_cfg.size", "256", "is 256; only the model's image_size 224 is supported.")]
    [InlineData("preprocess_cfg.size", "[224,112]", "is [224,112]; only the model's image_size 224 is supported.")]
    [InlineData("preprocess_cfg.mean", "[0.5]", "is [0.5]; give three numbers, one each for R, G and B.")]
    [InlineData("preprocess_cfg.std", "[1, 0, 1]", "is [1, 0, 1]; give three numbers above 0, one each for R, G and B.")]
    public void Parse_ValueThatCannotBe_NamesItsKey(string path, string value, string expected)
    {
        var refused = Assert.Throws<BadInputException>(() => ModelFolderConfig.Parse(With(path, value), "file"));
        Assert.Equal([$"file: {path} {expected}"], refused.Errors);
    }

    [Theory]
    [InlineData("preprocess_cfg.crop_pct", "0.9")]
    [InlineData("preprocess_cfg.interpolation", "null")]
    [InlineData("model_cfg.vision_cfg", "null")]
    public void Parse_UnknownKeyOrNull_IsRefusedByName(string path, string value)
    {
        var refused = Assert.Throws<BadInputException>(() => ModelFolderConfig.Parse(With(path, value), "file"));
        Assert.Contains(path.Split('.')[^1], refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_TooManyPatches_AreCounted()
    {
        string json = With("model_cfg.vision_cfg.image_size", "65536").Replace("\"patch_size\":32", "\"patch_size\":1", StringComparison.Ordinal);
        var refused = Assert.Throws<BadInputException>(() => ModelFolderConfig.Parse(json, "file"));
        Assert.Equal("file: model_cfg.vision_cfg.patch_size is 1, which makes 4294967296 patches of image_size 65536; at most 1048576 are possible.", refused.Errors[0]);
    }

    [Fact]
    public void ParseModel_SeveralMistakes_ReportsAllFromTheModelDown()
    {
        var model = JsonNode.Parse(OpenClip)!["model_cfg"]!;
        model["embed_dim"] = 0;
        model["vision_cfg"]!["image_size"] = -224;
        model["text_cfg"]!["heads"] = 7;
        var refused = Assert.Throws<BadInputException>(() => ModelFolderConfig.ParseModel(model.ToJsonString(), "file"));
        Assert.Equal(["file: embed_dim is 0; use 1 to 1048576.", "file: vision_cfg.image_size is -224; use 1 to 1048576.", "file: text_cfg.heads is 7, which does not divide width 512; choose a divisor."], refused.Errors);
    }

    [Fact]
    public void Presets_Written_AreReadBack()
    {
        foreach (var preset in ModelPresets.All)
            Assert.Equal(preset.Model, ModelFolderConfig.Parse(new ModelFolderConfig { ModelCfg = preset.Model }.ToJson(), preset.Name).ModelCfg);
    }

    [Fact]
    public void ToJson_Defaults_LeaveOutWhatIsOnlyChecked()
    {
        string json = new ModelFolderConfig { ModelCfg = ModelPresets.Find("tiny")!.Model }.ToJson();
        Assert.Equal(["mean", "std", "interpolation", "resize_mode"], JsonNode.Parse(json)!["preprocess_cfg"]!.AsObject().Select(pair => pair.Key));
    }

    private static string With(string path, string value)
    {
        var root = JsonNode.Parse(OpenClip)!;
        string[] keys = path.Split('.');
        keys[..^1].Aggregate(root, (node, key) => node[key]!)[keys[^1]] = JsonNode.Parse(value);
        return root.ToJsonString();
    }
}
