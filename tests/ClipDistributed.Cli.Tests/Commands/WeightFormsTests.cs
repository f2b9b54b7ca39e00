using ClipDistributed.TestKit.Pickles;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>Weights as PyTorch leaves them, named to the commands.</summary>
public sealed class WeightFormsTests : IDisposable
{
    private static readonly string Cases = Fixtures.File("cases", "models");

    private readonly string folder = Directory.CreateTempSubdirectory("clipd-weights-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("hf_bin", "pytorch_model.bin", "Hugging Face CLIPModel (hf)")]
    [InlineData("oc_bin", "open_clip_pytorch_model.bin", "OpenCLIP (open_clip)")]
    [InlineData("oc_epoch/epoch_1.pt", "epoch_1.pt", "OpenCLIP (open_clip)")]
    [InlineData("oc_safetensors_pytorchname", "open_clip_pytorch_model.safetensors", "OpenCLIP (open_clip)")]
    public void Info_AnyForm_ShowsWeightsAndCount(string name, string weights, string form)
    {
        var shown = Clipd.Run(folder, "model", "info", Path.Combine(Cases, name));
        Assert.True(shown.ExitCode == 0, shown.Errors);
        Assert.Contains(weights, shown.Output);
        Assert.Contains(form, shown.Output);
        Assert.Contains("10,489 (image 5,584, text 4,904) as F32", shown.Output);
    }

    [Fact]
    public void AnyCommand_PickleThatNamesAFunction_IsRefusedInOneLineAndCallsNothing()
    {
        string touched = Path.Combine(folder, "touched"), model = Path.Combine(folder, "model");
        Directory.CreateDirectory(model);
        File.Copy(Path.Combine(Cases, "oc_bin", "open_clip_config.json"), Path.Combine(model, "open_clip_config.json"));
        File.Copy(Path.Combine(Cases, "tokenizer.json"), Path.Combine(model, "tokenizer.json"));
        File.WriteAllBytes(
            Path.Combine(model, "pytorch_model.bin"),
            TorchFiles.Zip(new PickleText().Global("posix", "system").Text($"touch {touched}").Add(0x85).Op('R').Op('.').Bytes, [])
        );
        File.WriteAllText(Path.Combine(folder, "texts.txt"), "a\n");
        foreach (
            string[] arguments in new string[][]
            {
                ["model", "info", model],
                ["model", "export", model, "--to", "hf", "--out", "out"],
                ["embed", "--model", model, "--texts", "texts.txt", "--out", "t.safetensors"],
            }
        )
        {
            var refused = Clipd.Run(folder, arguments);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains(
                "it names 'posix.system'; only tensors and containers are built, and nothing is executed",
                Assert.Single(refused.ErrorLines)
            );
            Assert.False(File.Exists(touched));
        }
    }
}
