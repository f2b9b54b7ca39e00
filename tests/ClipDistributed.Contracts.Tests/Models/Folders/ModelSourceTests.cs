using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.Folders;
using ClipDistributed.Contracts.Models.Vision;

namespace ClipDistributed.Contracts.Tests.Models.Folders;

public sealed class ModelSourceTests : IDisposable
{
    // As OpenCLIP's main.py writes it: all arguments, sorted.
    private const string Params = """
        accum_freq: 1
        batch_size: 64
        force_image_size: None
        force_quick_gelu: False
        image_interpolation: None
        image_mean: None
        image_resize_mode: None
        image_std: None
        model: ViT-B-32
        name: 2026_01_01-12_00_00-model_ViT-B-32
        precision: amp
        pretrained: 
        resume: None
        siglip: False
        train_data: pipe:aws s3 cp s3://bucket/{00000..00999}.tar -
        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("", false)]
    [InlineData("model: ViT-B-32-quickgelu", true)]
    [InlineData("force_quick_gelu: True", true)]
    [InlineData("model: ViT-B/32", false)]
    public void ReadConfig_RunOfOpenClip_IsTheModelThatItTrained(string change, bool quickGelu)
    {
        WriteRun(change);
        var config = ModelSource.Find(folder.Path).ReadConfig();
        Assert.Equal(ModelPresets.Find("ViT-B-32")!.Model with { QuickGelu = quickGelu }, config.ModelCfg);
        Assert.Equal(("bicubic", "shortest"), (config.PreprocessCfg.Interpolation, config.PreprocessCfg.ResizeMode));
    }

    [Fact]
    public void ReadConfig_ArgumentsOfARun_ChangeTheModel()
    {
        WriteRun(
            "model: RN50",
            "force_image_size: [256]",
            "image_mean: [0.5, 0.5, 0.25]",
            "image_std: (0.5, 0.5, 0.5)",
            "image_resize_mode: squash",
            "image_interpolation: random",
            "siglip: True"
        );
        var config = ModelSource.Find(folder.Path).ReadConfig();
        Assert.Equal(256, config.ModelCfg.VisionCfg.ImageSize);
        Assert.IsType<ResNetForm>(config.ModelCfg.VisionCfg.Form);
        Assert.Equal((Math.Log(10), -10), (config.ModelCfg.InitLogitScale!.Value, config.ModelCfg.InitLogitBias!.Value));
        Assert.Equal([0.5, 0.5, 0.25], config.PreprocessCfg.Mean);
        Assert.Equal(("random", "squash"), (config.PreprocessCfg.Interpolation, config.PreprocessCfg.ResizeMode));
    }

    [Theory]
    [InlineData(
        "model: hf-hub:someone/some-model",
        "model is 'hf-hub:someone/some-model', which is not one that is known by name; put the model's open_clip_config.json into"
    )]
    [InlineData("model: coca_ViT-B-32", "model is 'coca_ViT-B-32'")]
    [InlineData("model: ", "names no model")]
    [InlineData("pretrained: openai", "pretrained is 'openai', which left the activation to OpenCLIP's version")]
    [InlineData("force_image_size: [224, 336]", "force_image_size is '[224, 336]', which is not square")]
    [InlineData("force_image_size: large", "force_image_size is 'large'")]
    [InlineData("force_image_size: [225]", "patch_size is 32, which does not divide image_size 225")]
    [InlineData("image_mean: [0.5]", "give three numbers")]
    [InlineData("image_resize_mode: stretch", "resize_mode is 'stretch'")]
    public void ReadConfig_RunThatCannotBeTold_NamesTheArgument(string change, string expected)
    {
        WriteRun(change);
        string error = Assert.Throws<BadInputException>(() => ModelSource.Find(folder.Path).ReadConfig()).Message;
        Assert.StartsWith(folder.File("params.txt"), error);
        Assert.Contains(expected, error);
    }

    [Fact]
    public void Find_FileOfARun_BelongsToTheRun()
    {
        WriteRun("");
        string epoch = folder.File("checkpoints/epoch_3.pt");
        File.WriteAllText(epoch, "");
        foreach (string path in new[] { folder.Path, folder.File("checkpoints"), epoch })
        {
            Assert.Equal(folder.Path, ModelSource.Find(path).Folder);
            Assert.Equal([epoch], ModelSource.Find(path).FindWeights().Paths);
        }
    }

    [Fact]
    public void Find_OwnRunDirectory_NamesItsNewestCheckpoint()
    {
        Directory.CreateDirectory(folder.File("checkpoints/attempt-01/step-00000100"));
        Directory.CreateDirectory(folder.File("checkpoints/attempt-02/step-00000200"));
        Assert.Contains("attempt-02/step-00000200", Assert.Throws<BadInputException>(() => ModelSource.Find(folder.Path)).Message);
    }

    [Fact]
    public void FindWeights_None_NamesWhatIsLookedFor()
    {
        File.WriteAllText(folder.File("config.json"), "{}");
        Assert.Contains(
            "model.safetensors, pytorch_model.safetensors, pytorch_model.bin",
            Assert.Throws<BadInputException>(() => ModelSource.Find(folder.Path).FindWeights()).Message
        );
        Assert.Contains(
            "there is no such model folder or file of weights",
            Assert.Throws<BadInputException>(() => ModelSource.Find(folder.File("none"))).Message
        );
    }

    /// <summary>The lines of params.txt, some in place of others.</summary>
    private void WriteRun(params string[] changes)
    {
        Directory.CreateDirectory(folder.File("checkpoints"));
        var lines = Params.Split('\n').ToDictionary(line => line.Split(':')[0]);
        foreach (string change in changes.Where(change => change != ""))
            lines[change.Split(':')[0]] = change;
        File.WriteAllLines(folder.File("params.txt"), lines.Values);
    }
}
