using ClipDistributed.Contracts.Errors;
using ClipDistributed.Model.Folders;
using ClipDistributed.TestKit.Pickles;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Tests.Folders;

/// <summary>One model as OpenCLIP and Hugging Face leave it on disks.</summary>
public sealed class WeightFormsTests : IDisposable
{
    private static readonly string Cases = Fixtures.File("cases", "models");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("oc_bin")]
    [InlineData("oc_pth")]
    [InlineData("oc_epoch")]
    [InlineData("oc_epoch/epoch_1.pt")]
    [InlineData("oc_module_prefix")]
    [InlineData("oc_logit_scale_1d")]
    [InlineData("hf_bin")]
    [InlineData("hf_bin/pytorch_model.bin")]
    public void Open_AnyForm_IsTheSameModel(string name)
    {
        using var expected = ModelFolder.Open(Path.Combine(Cases, "oc_safetensors_pytorchname"), CPU);
        using var opened = ModelFolder.Open(Path.Combine(Cases, name), CPU);
        Golden.AssertSameBits(expected.Parameters, opened.Parameters);
    }

    [Fact]
    public void Open_LargerImageSize_ResizesThePositionsAndKeepsTheRest()
    {
        using var scope = NewDisposeScope();
        using var small = ModelFolder.Open(Path.Combine(Cases, "oc_safetensors_pytorchname"), CPU);
        using var large = ModelFolder.Open(Path.Combine(Cases, "oc_larger_image_size"), CPU);
        const string positions = "visual.positional_embedding";
        Assert.Equal([17, 16], large.Parameters[positions].shape);
        Golden.AssertSameBits(small.Parameters[positions][0], large.Parameters[positions][0], "class token");
        // Bicubic weights sum to 1: the mean of the grid stays, up to what the border repeats.
        Golden.AssertClose(
            small.Parameters[positions].detach().slice(0, 1, 5, 1).mean([0L]),
            large.Parameters[positions].detach().slice(0, 1, 17, 1).mean([0L]),
            1e-5,
            1e-4,
            "mean of the grid"
        );
        foreach (var slot in small.Parameters.Slots.Where(slot => slot.Shape.Name != positions))
            Golden.AssertSameBits(small.Parameters[slot.Shape.Name], large.Parameters[slot.Shape.Name], slot.Shape.Name);
    }

    [Fact]
    public void Load_RunOfOpenClip_TakesItsNewestEpoch()
    {
        string run = folder.File("run"), checkpoints = Path.Combine(run, "checkpoints");
        Directory.CreateDirectory(checkpoints);
        File.Copy(Path.Combine(Cases, "oc_epoch", "epoch_1.pt"), Path.Combine(checkpoints, "epoch_10.pt"));
        File.WriteAllText(Path.Combine(checkpoints, "epoch_9.pt"), "older");
        File.Copy(Path.Combine(Cases, "oc_epoch", "open_clip_config.json"), Path.Combine(run, "open_clip_config.json"));
        File.WriteAllText(Path.Combine(run, "params.txt"), "model: ViT-B-32\n");
        using var expected = ModelFolder.Open(Path.Combine(Cases, "oc_bin"), CPU);
        foreach (string start in new[] { run, checkpoints, Path.Combine(checkpoints, "epoch_10.pt") })
        {
            using var model = SampleModel.Create(expected.Config, seed: 4);
            Assert.Empty(StartWeights.Load(start, model));
            Golden.AssertSameBits(expected.Parameters, model.Parameters);
        }
    }

    [Fact]
    public void Load_FileWithoutConfig_IsComparedByItsTensors()
    {
        File.Copy(Path.Combine(Cases, "oc_bin", "open_clip_pytorch_model.bin"), folder.File("mine.bin"));
        using var expected = ModelFolder.Open(Path.Combine(Cases, "oc_bin"), CPU);
        using var model = SampleModel.Create(expected.Config, seed: 4);
        StartWeights.Load(folder.File("mine.bin"), model);
        Golden.AssertSameBits(expected.Parameters, model.Parameters);
        Assert.Contains(
            "no config says how this model is built",
            Assert.Throws<BadInputException>(() => ModelFolder.Open(folder.File("mine.bin"), CPU)).Message
        );
    }

    [Fact]
    public void Load_SoftmaxWeightsForTheSigmoidLoss_BeginWithABiasOfZero()
    {
        using var expected = ModelFolder.Open(Path.Combine(Cases, "oc_bin"), CPU);
        using var model = SampleModel.Create(expected.Config.ForSigmoid(), seed: 4);
        Assert.Contains("logit_bias", Assert.Single(StartWeights.Load(Path.Combine(Cases, "oc_bin"), model)));
        Assert.Equal(0, model.LogitBias!.item<float>());
        Golden.AssertSameBits(expected.Parameters["logit_scale"], model.Parameters["logit_scale"], "logit_scale");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Open_ViewsAndOtherByteOrder_HaveTheirValues(bool bigEndian)
    {
        using var scope = NewDisposeScope();
        using var expected = ModelFolder.Open(Path.Combine(Cases, "oc_bin"), CPU);
        // Every matrix is stored by columns, after an unused number.
        var stored = expected.Parameters.Slots.Select((slot, i) =>
        {
            var value = expected.Parameters[slot.Shape.Name].detach();
            bool matrix = value.dim() == 2;
            float[] numbers = [7, .. (matrix ? value.t() : value).contiguous().data<float>()];
            var rows = StoredValues.Floats(slot.Shape.Name, $"{i}", numbers, value.shape) with { Offset = 1 };
            rows = matrix ? rows with { Strides = [1, value.shape[0]] } : rows;
            return bigEndian ? rows with { Data = [.. rows.Data.Chunk(4).SelectMany(number => number.Reverse())] } : rows;
        }).ToList();
        File.Copy(Path.Combine(Cases, "oc_bin", "open_clip_config.json"), folder.File("open_clip_config.json"));
        File.WriteAllBytes(
            folder.File("weights.pt"),
            TorchFiles.Legacy(new PickleText().StateDict(stored).Op('.').Bytes, stored, littleEndian: !bigEndian)
        );
        using var opened = ModelFolder.Open(folder.Path, CPU);
        Golden.AssertSameBits(expected.Parameters, opened.Parameters);
    }

    [Fact]
    public void Open_ConfigOfAVastModel_IsRefusedBeforeItIsBuilt()
    {
        File.Copy(Path.Combine(Cases, "oc_bin", "open_clip_pytorch_model.bin"), folder.File("open_clip_pytorch_model.bin"));
        string config = File.ReadAllText(Path.Combine(Cases, "oc_bin", "open_clip_config.json"));
        foreach (
            var (from, to, expected) in new[]
            {
                ("\"width\": 16", "\"width\": 524288", "has the shape [16, 3, 8, 8], the model [524288, 3, 8, 8]"),
                ("\"layers\": 1", "\"layers\": 1048576", "too few for towers of 1048576"),
            }
        )
        {
            File.WriteAllText(folder.File("open_clip_config.json"), config.Replace(from, to, StringComparison.Ordinal));
            Assert.Contains(expected, Assert.Throws<BadInputException>(() => ModelFolder.Open(folder.Path, CPU)).Message);
        }
    }

    [Fact]
    public void Export_CheckpointOfOpenClip_WritesBothForms()
    {
        string source = folder.File("source");
        Directory.CreateDirectory(source);
        foreach (string file in Directory.GetFiles(Path.Combine(Cases, "oc_epoch")))
            File.Copy(file, Path.Combine(source, Path.GetFileName(file)));
        ModelExport.Run(Path.Combine(source, "epoch_1.pt"), "hf", folder.File("hf"));
        ModelExport.Run(Path.Combine(Cases, "hf_bin"), "open_clip", folder.File("oc"));
        using var expected = ModelFolder.Open(Path.Combine(Cases, "oc_bin"), CPU);
        foreach (string form in new[] { "hf", "oc" })
        {
            using var opened = ModelFolder.Open(folder.File(form), CPU);
            Golden.AssertSameBits(expected.Parameters, opened.Parameters);
        }
    }

    [Fact]
    public void Open_BothConfigs_TakesTheOneWhoseWeightsAreThere()
    {
        foreach (string file in Directory.GetFiles(Path.Combine(Cases, "hf_bin")))
            File.Copy(file, folder.File(Path.GetFileName(file)));
        File.Copy(Path.Combine(Cases, "oc_bin", "open_clip_config.json"), folder.File("open_clip_config.json"));
        using var expected = ModelFolder.Open(Path.Combine(Cases, "oc_bin"), CPU);
        using var opened = ModelFolder.Open(folder.Path, CPU);
        Golden.AssertSameBits(expected.Parameters, opened.Parameters);
    }
}
