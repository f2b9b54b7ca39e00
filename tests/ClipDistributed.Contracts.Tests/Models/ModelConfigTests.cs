using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.Vision;

namespace ClipDistributed.Contracts.Tests.Models;

public sealed class ModelConfigTests
{
    [Fact]
    public void Parse_OpenClipFile_IsThePreset()
    {
        var config = ModelFolderConfig.Parse(OpenClipFile.Text, "file");
        Assert.Equal(ModelPresets.Find("ViT-B-32")!.Model, config.ModelCfg);
        Assert.Equal(12, Assert.IsType<TransformerForm>(config.ModelCfg.VisionCfg.Form).Heads);
    }

    [Theory]
    [InlineData("\"ViT\"", "\"\\udc00\"")]
    [InlineData("\"fill_color\"", "\"\\ud800\"")]
    [InlineData("\"bicubic\"", "\"\\ud800x\"")]
    [InlineData("\"mode\": \"RGB\"", "\"mode\": [\"\\ud83d\"]")]
    [InlineData("768", "\"\\udc00\"")]
    public void Parse_HalfACharacter_IsRefusedInOneLine(string text, string half)
    {
        string config = OpenClipFile.Text
            .Replace("\"embed_dim\"", "\"x\": \"ViT\", \"embed_dim\"", StringComparison.Ordinal)
            .Replace(text, half, StringComparison.Ordinal);
        string error = Assert.Single(Assert.Throws<BadInputException>(() => ModelFolderConfig.Parse(config, "file")).Errors);
        Assert.StartsWith("file cannot be read: it has a text with half a character", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[224]")]
    [InlineData("[224, 224]")]
    [InlineData("null")]
    public void Parse_SizeInAnotherForm_IsTheSame(string size) =>
        Assert.NotNull(ModelFolderConfig.Parse(OpenClipFile.With("preprocess_cfg.size", size), "file"));

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
    [InlineData("preprocess_cfg.interpolation", "\"nearest\"", "is 'nearest'; only bicubic, bilinear, random are supported.")]
    [InlineData("preprocess_cfg.resize_mode", "\"stretch\"", "is 'stretch'; only shortest, longest, squash are supported.")]
    [InlineData("preprocess_cfg.mode", "\"L\"", "is 'L'; only RGB is supported.")]
    [InlineData("preprocess_cfg.fill_color", "127", "is 127; only 0 is supported.")]
    [InlineData("preprocess_cfg.size", "256", "is 256; only the model's image_size 224 is supported.")]
    [InlineData("preprocess_cfg.size", "[224,112]", "is [224,112]; only the model's image_size 224 is supported.")]
    [InlineData("preprocess_cfg.mean", "[0.5]", "is [0.5]; give three numbers, one each for R, G and B.")]
    [InlineData("preprocess_cfg.std", "[1, 0, 1]", "is [1, 0, 1]; give three numbers above 0, one each for R, G and B.")]
    public void Parse_ValueThatCannotBe_NamesItsKey(string path, string value, string expected)
    {
        var refused = Assert.Throws<BadInputException>(() => ModelFolderConfig.Parse(OpenClipFile.With(path, value), "file"));
        Assert.Equal([$"file: {path} {expected}"], refused.Errors);
    }

    [Theory]
    [InlineData("resize_mode", "squash")]
    [InlineData("resize_mode", "longest")]
    [InlineData("interpolation", "bilinear")]
    [InlineData("interpolation", "random")]
    public void Parse_PreprocessingOfOpenClip_IsKept(string key, string value)
    {
        var preprocess = ModelFolderConfig.Parse(OpenClipFile.With($"preprocess_cfg.{key}", $"\"{value}\""), "file").PreprocessCfg;
        Assert.Equal(value, key == "resize_mode" ? preprocess.ResizeMode : preprocess.Interpolation);
    }

    [Theory]
    [InlineData("", "line 1, byte 1")]
    [InlineData("{", "line 1, byte 2")]
    [InlineData("{\n\"model_cfg\": tru}", "line 2")]
    [InlineData("{\"a\": 1, \"a\": 2}", "a key that is there twice")]
    [InlineData("[1]", "is not an object of keys and values")]
    [InlineData("null", "is not an object of keys and values")]
    public void Parse_NoJsonObject_SaysWhere(string json, string expected)
    {
        string error = Assert.Single(Assert.Throws<BadInputException>(() => ModelFolderConfig.Parse(json, "file")).Errors);
        Assert.StartsWith("file is not", error);
        Assert.Contains(expected, error);
    }

    [Fact]
    public void ParseModel_OpenClipsFileOfRn50_IsThePreset()
    {
        var model = ModelFolderConfig.ParseModel("""
            {"embed_dim": 1024, "quick_gelu": true,
             "vision_cfg": {"image_size": 224, "layers": [3, 4, 6, 3], "width": 64, "patch_size": null},
             "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 512, "heads": 8, "layers": 12}}
            """, "file");
        Assert.Equal(ModelPresets.Find("RN50")!.Model, model);
        var form = Assert.IsType<ResNetForm>(model.VisionCfg.Form);
        Assert.Equal((32, 2048, 49), (form.Heads, form.FeatureWidth, form.Places));
    }

    [Theory]
    [InlineData("image_size", "230", "image_size is 230; a ResNet halves it five times, use a multiple of 32.")]
    [InlineData("width", "63", "width is 63; a ResNet's is an even number, at most 32768.")]
    [InlineData("head_width", "60", "head_width is 60, which does not divide the features' width 32 · 64; choose a divisor.")]
    public void ParseModel_ResNetThatCannotBe_NamesItsKey(string key, string value, string expected)
    {
        var model = JsonNode.Parse(new ModelFolderConfig { ModelCfg = ModelPresets.Find("RN50")!.Model }.ToJson())!["model_cfg"]!;
        model["vision_cfg"]![key] = JsonNode.Parse(value);
        Assert.Equal(
            [$"file: vision_cfg.{expected}"],
            Assert.Throws<BadInputException>(() => ModelFolderConfig.ParseModel(model.ToJsonString(), "file")).Errors
        );
    }

    [Fact]
    public void Parse_TooManyPatches_AreCounted()
    {
        string json = OpenClipFile.With("model_cfg.vision_cfg.image_size", "65536")
            .Replace("\"patch_size\":32", "\"patch_size\":1", StringComparison.Ordinal);
        var refused = Assert.Throws<BadInputException>(() => ModelFolderConfig.Parse(json, "file"));
        Assert.Equal(
            "file: model_cfg.vision_cfg.patch_size is 1, which makes 4294967296 patches of image_size 65536; at most 1048576 are possible.",
            refused.Errors[0]
        );
    }

    [Fact]
    public void ParseModel_SeveralMistakes_ReportsAllFromTheModelDown()
    {
        var model = JsonNode.Parse(OpenClipFile.Text)!["model_cfg"]!;
        model["embed_dim"] = 0;
        model["vision_cfg"]!["image_size"] = -224;
        model["text_cfg"]!["heads"] = 7;
        var refused = Assert.Throws<BadInputException>(() => ModelFolderConfig.ParseModel(model.ToJsonString(), "file"));
        Assert.Equal(
            [
                "file: embed_dim is 0; use 1 to 1048576.",
                "file: vision_cfg.image_size is -224; use 1 to 1048576.",
                "file: text_cfg.heads is 7, which does not divide width 512; choose a divisor.",
            ],
            refused.Errors
        );
    }

    [Fact]
    public void Presets_Written_AreReadBack()
    {
        foreach (var preset in ModelPresets.All)
            Assert.Equal(
                preset.Model,
                ModelFolderConfig.Parse(new ModelFolderConfig { ModelCfg = preset.Model }.ToJson(), preset.Name).ModelCfg
            );
    }

    [Fact]
    public void ToJson_FolderWithTokenizer_NamesItForOpenClipAndIsReadBack()
    {
        var model = ModelPresets.Find("tiny")!.Model;
        string json = new ModelFolderConfig { ModelCfg = model, HasTokenizer = true }.ToJson();
        Assert.Equal("local", JsonNode.Parse(json)!["model_cfg"]!["text_cfg"]!["hf_tokenizer_name"]!.GetValue<string>());
        Assert.Equal(model, ModelFolderConfig.Parse(json, "file").ModelCfg);
        Assert.DoesNotContain("hf_tokenizer_name", new ModelFolderConfig { ModelCfg = model }.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_TokenizerNameThatIsNoText_IsRefused() =>
        Assert.Equal(
            ["file: model_cfg.text_cfg.hf_tokenizer_name is 3; use a name, or leave it out."],
            Assert
                .Throws<BadInputException>(() =>
                    ModelFolderConfig.Parse(OpenClipFile.With("model_cfg.text_cfg.hf_tokenizer_name", "3"), "file")
                )
                .Errors
        );

    [Fact]
    public void ToJson_Defaults_LeaveOutWhatIsOnlyChecked()
    {
        string json = new ModelFolderConfig { ModelCfg = ModelPresets.Find("tiny")!.Model }.ToJson();
        Assert.Equal(
            ["mean", "std", "interpolation", "resize_mode"],
            JsonNode.Parse(json)!["preprocess_cfg"]!.AsObject().Select(pair => pair.Key)
        );
    }
}
