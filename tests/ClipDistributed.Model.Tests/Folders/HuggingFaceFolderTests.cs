using System.Text.Json;
using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.HuggingFace;
using ClipDistributed.Model.Folders;
using ClipDistributed.Model.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Tests.Folders;

public sealed class HuggingFaceFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ClipModel model = SampleModel.Create(SampleModel.Config(quickGelu: true));

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Export_ThereAndBack_HasTheSameConfigAndBits(bool quickGelu)
    {
        using var other = SampleModel.Create(SampleModel.Config(quickGelu: quickGelu), seed: 3);
        var config = new ModelFolderConfig
        {
            ModelCfg = other.Config,
            PreprocessCfg = new PreprocessConfig { Mean = [0.1, 0.2, 0.3], Std = [0.4, 0.5, 0.6] },
        };
        ModelFolder.Write(folder.File("a"), config, other.Parameters);

        ModelExport.Run(folder.File("a"), "hf", folder.File("b"));
        ModelExport.Run(folder.File("b"), "open_clip", folder.File("c"));

        Assert.Equal(
            ["config.json", "model.safetensors", "preprocessor_config.json"],
            Directory.GetFiles(folder.File("b")).Select(Path.GetFileName).Order()
        );
        Assert.Equal(other.Config, ModelFolder.ReadConfig(folder.File("b")).ModelCfg);
        using var opened = ModelFolder.Open(folder.File("c"), CPU);
        Golden.AssertSameBits(other.Parameters, opened.Parameters);
        foreach (string name in new[] { ModelFolder.WeightsFileName, ModelFolderConfig.FileName })
            Assert.Equal(File.ReadAllBytes(Path.Combine(folder.File("a"), name)), File.ReadAllBytes(Path.Combine(folder.File("c"), name)));
    }

    [Fact]
    public void Write_EveryTensor_HasTheNameAndTheValueThatTheReferenceGivesIt()
    {
        using var scope = NewDisposeScope();
        WriteHuggingFace();
        using var names = JsonDocument.Parse(File.ReadAllText(Fixtures.File("naming/open_clip_to_hf.json")));
        using var file = SafetensorsFile.Open(folder.File("model.safetensors"));
        int seen = 0;
        foreach (var slot in model.Parameters.Slots)
        {
            var (targets, operation) = Reference(names.RootElement, slot.Shape.Name);
            var value = model.Parameters[slot.Shape.Name].detach();
            Tensor[] expected = operation switch { "copy" => [value], "transpose" => [value.t()], _ => value.chunk(3, 0) };
            foreach (var (target, part) in targets.Zip(expected))
                Golden.AssertSameBits(part, file.Load(target), target);
            seen += targets.Count;
        }
        Assert.Equal(seen, file.Entries.Count);
    }

    [Fact]
    public void Open_ShardsAndPositionIds_GivesTheModel()
    {
        using var scope = NewDisposeScope();
        WriteHuggingFace();
        Shard("model.safetensors", ("text_model.embeddings.position_ids", arange(9, ScalarType.Int64)));
        using var opened = ModelFolder.Open(folder.Path, CPU);
        Golden.AssertSameBits(model.Parameters, opened.Parameters);
    }

    [Fact]
    public void Open_ShardsOfOpenClip_GivesTheModel()
    {
        ModelFolder.Write(folder.Path, new ModelFolderConfig { ModelCfg = model.Config }, model.Parameters);
        Shard(ModelFolder.WeightsFileName);
        using var opened = ModelFolder.Open(folder.Path, CPU);
        Golden.AssertSameBits(model.Parameters, opened.Parameters);
    }

    [Theory]
    [InlineData("../a.safetensors", "only a file of weights beside the index is possible")]
    [InlineData("/etc/passwd", "only a file of weights beside the index is possible")]
    [InlineData("none.safetensors", "none.safetensors")]
    [InlineData("model-2.safetensors", "'logit_scale'")]
    public void Open_IndexThatLies_IsRefused(string shard, string expected)
    {
        WriteHuggingFace();
        Shard("model.safetensors");
        string path = folder.File("model.safetensors.index.json");
        var index = JsonNode.Parse(File.ReadAllText(path))!;
        index["weight_map"]!["logit_scale"] = shard;
        File.WriteAllText(path, index.ToJsonString());
        Assert.Contains(expected, Assert.Throws<BadInputException>(() => ModelFolder.Open(folder.Path, CPU)).Message);
    }

    [Theory]
    [InlineData("""{"weight_map":3}""")]
    [InlineData("""{"weight_map":{}}""")]
    [InlineData("""{"weight_map":{"a":1}}""")]
    [InlineData("""{}""")]
    [InlineData("""[]""")]
    [InlineData("{")]
    public void Open_IndexThatIsNone_IsRefusedByPath(string index)
    {
        WriteHuggingFace();
        File.Delete(folder.File("model.safetensors"));
        File.WriteAllText(folder.File("model.safetensors.index.json"), index);
        Assert.Contains(
            folder.File("model.safetensors.index.json"),
            Assert.Throws<BadInputException>(() => ModelFolder.Open(folder.Path, CPU)).Message
        );
    }

    [Theory]
    [InlineData("vision_config.hidden_act", "\"silu\"", "vision_config.hidden_act is 'silu'")]
    [InlineData("text_config.hidden_act", "\"gelu\"", "both towers must have the same")]
    [InlineData("vision_config.num_channels", "1", "num_channels is 1")]
    [InlineData("text_config.layer_norm_eps", "1e-6", "only 1e-5")]
    [InlineData("text_config.eos_token_id", "7", "eos_token_id is 7; only vocab_size − 1 = 29, or 2")]
    [InlineData("model_type", "\"siglip\"", "only CLIP models are supported")]
    [InlineData("vision_config.num_attention_heads", "5", "does not divide hidden_size 12")]
    [InlineData("vision_config.hidden_size", "\"wide\"", "config.json")]
    [InlineData("vision_config.image_size", "13", "only the model's image_size 13 is supported")]
    [InlineData(
        "text_config.max_position_embeddings",
        "10",
        "'text_model.embeddings.position_embedding.weight' has the shape [9, 16], the model [10, 16]"
    )]
    [InlineData("text_config.vocab_size", "31", "eos_token_id is 29")]
    [InlineData("projection_dim", "11", "'visual_projection.weight' has the shape [10, 12], the model [11, 12]")]
    public void Open_ConfigThatDoesNotFit_IsRefusedByName(string path, string value, string expected)
    {
        WriteHuggingFace();
        Change("config.json", path, value);
        Assert.Contains(expected, Assert.Throws<BadInputException>(() => ModelFolder.Open(folder.Path, CPU)).Message);
    }

    [Theory]
    [InlineData("resample", "0", "only 3 (bicubic)")]
    [InlineData("size", "256", "only the model's image_size 12")]
    [InlineData("do_center_crop", "false", "do_center_crop is false")]
    [InlineData("image_mean", "[0.5]", "three numbers")]
    public void Open_PreprocessingThatIsNotDone_IsRefusedByName(string path, string value, string expected)
    {
        WriteHuggingFace();
        Change("preprocessor_config.json", path, value);
        Assert.Contains(expected, Assert.Throws<BadInputException>(() => ModelFolder.Open(folder.Path, CPU)).Message);
    }

    [Fact]
    public void ReadConfig_OldFormOfOpenAisModel_IsThePreset()
    {
        string config = """
            {"model_type": "clip", "projection_dim": 768, "text_config": {"projection_dim": 512, "eos_token_id": 2, "hidden_size": 512},
             "vision_config": {"eos_token_id": 2},
             "text_config_dict": {"hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12, "num_hidden_layers": 12},
             "vision_config_dict": {"hidden_size": 1024, "intermediate_size": 4096, "num_attention_heads": 16,
              "num_hidden_layers": 24, "patch_size": 14}}
            """;
        Assert.Equal(
            ModelPresets.Find("ViT-L-14")!.Model,
            HuggingFaceConfig.Parse(config, """{"size": 224, "crop_size": 224, "resample": 3}""", "config.json").ModelCfg
        );
    }

    [Fact]
    public void Export_WhatClipModelCannotExpress_IsRefusedByName()
    {
        using var residual = SampleModel.Create(SampleModel.ResNetConfig() with { InitLogitBias = -10 });
        ModelFolder.Write(folder.File("a"), new ModelFolderConfig { ModelCfg = residual.Config }, residual.Parameters);
        var refused = Assert.Throws<BadInputException>(() => ModelExport.Run(folder.File("a"), "hf", folder.File("b")));
        Assert.Contains("vision_cfg.layers is [1, 2, 1, 1], a ResNet; Hugging Face's CLIPModel has no such thing", refused.Errors[0]);
        Assert.Contains("init_logit_bias is given", refused.Errors[1]);
        Assert.False(Directory.Exists(folder.File("b")));
    }

    [Fact]
    public void Export_FolderInUse_IsRefused()
    {
        ModelFolder.Write(folder.Path, new ModelFolderConfig { ModelCfg = model.Config }, model.Parameters);
        Assert.Contains("is not empty", Assert.Throws<BadInputException>(() => ModelExport.Run(folder.Path, "hf", folder.Path)).Message);
    }

    private void WriteHuggingFace() =>
        ModelFolder.WriteHuggingFace(folder.Path, new ModelFolderConfig { ModelCfg = model.Config }, model.Parameters);

    private void Change(string file, string path, string value)
    {
        var root = JsonNode.Parse(File.ReadAllText(folder.File(file)))!;
        string[] keys = path.Split('.');
        keys[..^1].Aggregate(root, (node, key) => node[key]!)[keys[^1]] = JsonNode.Parse(value);
        File.WriteAllText(folder.File(file), root.ToJsonString());
    }

    /// <summary>Cuts a file into three and an index.</summary>
    private void Shard(string name, params (string, Tensor)[] more)
    {
        using var scope = NewDisposeScope();
        using var whole = SafetensorsFile.Open(folder.File(name));
        var tensors = whole
            .Entries.Keys.Select(key => (key, whole.Load(key)))
            .Concat(more)
            .Order(Comparer<(string, Tensor)>.Create((a, b) => string.CompareOrdinal(a.Item1, b.Item1)))
            .ToList();
        var map = new JsonObject();
        for (int i = 0; i < 3; i++)
        {
            var part = tensors.Where((_, at) => at % 3 == i).ToList();
            SafetensorsFile.Write(folder.File($"model-{i}.safetensors"), part);
            part.ForEach(tensor => map[tensor.Item1] = $"model-{i}.safetensors");
        }
        File.Delete(folder.File(name));
        File.WriteAllText(
            folder.File($"{name}.index.json"),
            new JsonObject { ["metadata"] = new JsonObject(), ["weight_map"] = map }.ToJsonString()
        );
    }

    private static (IReadOnlyList<string> Targets, string Operation) Reference(JsonElement names, string name)
    {
        const string blocks = "transformer.resblocks.";
        string tower = name.StartsWith("visual.", StringComparison.Ordinal) ? "vision" : "text";
        string inTower = name.Replace("visual.", "", StringComparison.Ordinal);
        bool inBlock = inTower.StartsWith(blocks, StringComparison.Ordinal);
        string[] parts = inTower.Split('.', 4);
        var entry = inBlock ? names.GetProperty("per_block").GetProperty(parts[3]) : names.GetProperty("top_level").GetProperty(name);
        var to = entry.GetProperty("to");
        var targets = to.ValueKind == JsonValueKind.Array ? to.EnumerateArray().Select(item => item.GetString()!) : [to.GetString()!];
        return (
            [.. targets.Select(target => inBlock ? $"{tower}_model.encoder.layers.{parts[2]}.{target}" : target)],
            entry.GetProperty("op").GetString()!
        );
    }
}
