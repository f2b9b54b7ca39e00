using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Model.Folders;
using ClipDistributed.Model.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Tests.Folders;

public sealed class ModelFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ClipModel model = SampleModel.Create(SampleModel.Config(quickGelu: true));

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Open_WrittenModel_HasTheSameConfigAndBits()
    {
        var config = new ModelFolderConfig { ModelCfg = model.Config, PreprocessCfg = new PreprocessConfig { Mean = [0.1, 0.2, 0.3] } };
        ModelFolder.Write(folder.Path, config, model.Parameters);

        using var opened = ModelFolder.Open(folder.Path, CPU);
        Assert.Equal(model.Config, opened.Config);
        Assert.Equal([0.1, 0.2, 0.3], ModelFolder.ReadConfig(folder.Path).PreprocessCfg.Mean);
        Golden.AssertSameBits(model.Parameters, opened.Parameters);
        Assert.All(opened.Parameters.Slots, slot => Assert.True(opened.Parameters[slot.Shape.Name].requires_grad));
    }

    public static TheoryData<ModelConfig> TimmConfigs { get; } = [SampleModel.SiglipConfig(), SampleModel.Eva02Config()];

    [Theory]
    [MemberData(nameof(TimmConfigs))]
    public void Open_WrittenModelOfTimm_HasTheSameConfigAndBits(ModelConfig config)
    {
        using var written = SampleModel.Create(config);
        ModelFolder.Write(folder.Path, new ModelFolderConfig { ModelCfg = config }, written.Parameters);

        using var opened = ModelFolder.Open(folder.Path, CPU);
        Assert.Equal(config, opened.Config);
        Golden.AssertSameBits(written.Parameters, opened.Parameters);
        // OpenCLIP would not look at the sizes of its own transformer.
        var vision = JsonNode.Parse(File.ReadAllText(folder.File(ModelFolderConfig.FileName)))!["model_cfg"]!["vision_cfg"]!.AsObject();
        Assert.All(vision, key => Assert.True(key.Key == "image_size" || key.Key.StartsWith("timm_", StringComparison.Ordinal), key.Key));
    }

    [Theory]
    [MemberData(nameof(TimmConfigs))]
    public void Export_ModelOfTimm_IsTheSameForOpenClipAndRefusedForHuggingFace(ModelConfig config)
    {
        using var written = SampleModel.Create(config);
        ModelFolder.Write(folder.File("a"), new ModelFolderConfig { ModelCfg = config }, written.Parameters);
        ModelExport.Run(folder.File("a"), "open_clip", folder.File("b"));
        using var opened = ModelFolder.Open(folder.File("b"), CPU);
        Golden.AssertSameBits(written.Parameters, opened.Parameters);
        var refused = Assert.Throws<BadInputException>(() => ModelExport.Run(folder.File("a"), "hf", folder.File("c")));
        Assert.StartsWith(
            $"vision_cfg.timm_model_name is {config.VisionCfg.TimmModelName}; Hugging Face's CLIPModel has no such thing",
            refused.Errors[0]
        );
        if (config.TextCfg.NoCausalMask)
            Assert.Equal(5, refused.Errors.Count); // no_causal_mask, pool_type, proj_bias and norm_kwargs too
    }

    [Theory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float64)]
    public void Open_WeightsOfAnotherPrecision_BecomeFloat32(ScalarType stored)
    {
        using var scope = NewDisposeScope();
        Write(model.Parameters.Slots.Select(slot => (slot.Shape.Name, model.Parameters[slot.Shape.Name].detach().to(stored))));

        using var opened = ModelFolder.Open(folder.Path, CPU);
        foreach (var slot in model.Parameters.Slots)
        {
            var expected = model.Parameters[slot.Shape.Name].to(stored).to(ScalarType.Float32);
            Golden.AssertSameBits(expected, opened.Parameters[slot.Shape.Name], slot.Shape.Name);
        }
    }

    [Fact]
    public void Open_TextTowerBuiltApart_IsTheSameModel()
    {
        using var scope = NewDisposeScope();
        Write(
            from slot in model.Parameters.Slots
            let name = slot.Shape.Name
            select (
                name.StartsWith("visual.", StringComparison.Ordinal) || name == "logit_scale" ? name : $"text.{name}",
                model.Parameters[name].detach()
            )
        );
        string path = folder.File(ModelFolderConfig.FileName);
        var config = JsonNode.Parse(File.ReadAllText(path))!;
        config["model_cfg"]!["custom_text"] = true;
        File.WriteAllText(path, config.ToJsonString());

        using var opened = ModelFolder.Open(folder.Path, CPU);
        Golden.AssertSameBits(model.Parameters, opened.Parameters);
    }

    [Fact]
    public void Open_WrongTensors_NamesAllOfThemAtOnce()
    {
        using var scope = NewDisposeScope();
        var tensors = model.Parameters.Slots.ToDictionary(slot => slot.Shape.Name, slot => model.Parameters[slot.Shape.Name].detach());
        tensors.Remove("visual.proj");
        tensors.Remove("ln_final.bias");
        tensors["text_projection"] = tensors["text_projection"].t();
        tensors["visual.head"] = ones(2);
        Write(tensors.Select(pair => (pair.Key, pair.Value)));

        var refused = Assert.Throws<BadInputException>(() => ModelFolder.Open(folder.Path, CPU));
        Assert.Equal(4, refused.Errors.Count);
        Assert.All(refused.Errors, error => Assert.Contains(folder.File(ModelFolder.WeightsFileName), error));
        Assert.Single(refused.Errors, error => error.Contains("'visual.proj' of shape [12, 10] is missing"));
        Assert.Single(refused.Errors, error => error.Contains("'ln_final.bias' of shape [16] is missing"));
        Assert.Single(refused.Errors, error => error.Contains("'text_projection' has the shape [10, 16], the model [16, 10]"));
        Assert.Single(refused.Errors, error => error.Contains("'visual.head' does not belong to this model"));
    }

    [Fact]
    public void Open_WrongTensors_LeavesTheParametersAlone()
    {
        using var scope = NewDisposeScope();
        Write(model.Parameters.Slots.Skip(1).Select(slot => (slot.Shape.Name, zeros_like(model.Parameters[slot.Shape.Name]))));
        var before = model.Parameters.Flat.clone();
        Assert.Throws<BadInputException>(() => ModelFolder.ReadWeights(folder.Path, model));
        Golden.AssertSameBits(before, model.Parameters.Flat, "parameters");
    }

    [Theory]
    [InlineData("model_cfg", "logit_bias")]
    [InlineData("vision_cfg", "timm_model_name")]
    [InlineData("text_cfg", "hf_model_name")]
    [InlineData("preprocess_cfg", "fill_color")]
    public void ReadConfig_UnknownKey_IsRefusedByName(string where, string key)
    {
        ModelFolder.Write(folder.Path, new ModelFolderConfig { ModelCfg = model.Config }, model.Parameters);
        string path = folder.File(ModelFolderConfig.FileName);
        var config = JsonNode.Parse(File.ReadAllText(path))!;
        var owner = (where is "vision_cfg" or "text_cfg" ? config["model_cfg"]![where] : config[where])!;
        owner[key] = 1;
        File.WriteAllText(path, config.ToJsonString());

        var refused = Assert.Throws<BadInputException>(() => ModelFolder.ReadConfig(folder.Path));
        Assert.Contains(path, refused.Message);
        Assert.Contains(key, refused.Message);
    }

    [Fact]
    public void Open_NoModelThere_IsRefusedByPath()
    {
        var missing = Assert.Throws<BadInputException>(() => ModelFolder.Open(folder.File("none"), CPU));
        Assert.Contains(folder.File("none"), missing.Message);

        ModelFolder.Write(folder.Path, new ModelFolderConfig { ModelCfg = model.Config }, model.Parameters);
        File.Delete(folder.File(ModelFolder.WeightsFileName));
        var weightless = Assert.Throws<BadInputException>(() => ModelFolder.Open(folder.Path, CPU));
        Assert.Contains(folder.File(ModelFolder.WeightsFileName), weightless.Message);
    }

    private void Write(IEnumerable<(string, Tensor)> tensors)
    {
        ModelFolder.Write(folder.Path, new ModelFolderConfig { ModelCfg = model.Config }, model.Parameters);
        SafetensorsFile.Write(folder.File(ModelFolder.WeightsFileName), tensors);
    }
}
