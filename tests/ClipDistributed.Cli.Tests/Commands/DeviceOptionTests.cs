using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary><c>--device</c> of the commands that compute.</summary>
public sealed class DeviceOptionTests(TrainedDemo demo) : IDisposable
{
    private static readonly string[] Commands = ["classify", "embed", "eval retrieval", "eval zeroshot", "train"];

    private readonly TemporaryFolder libTorch = new();
    private readonly StandInSmi smi = new("NVIDIA L4, GPU-1, 23034, [N/A], [N/A]\nNVIDIA L4, GPU-2, 23034, [N/A], [N/A]\n");

    [Fact]
    public void Device_IsTakenByEveryCommandThatComputes() =>
        Assert.Equal(
            Commands,
            from path in CommandTree.Paths()
            where CommandTree.Find(path).Options.Any(option => option.Name == "--device")
            orderby path
            select path
        );

    [Fact]
    public void Train_OnProcessors_IsTheRunOfThisBuildsDefault()
    {
        var trained = Clipd.Run(
            demo.Folder, "train", "spec.yaml", "--set", "samples=128", "--set", "run_directory=on-cpu", "--threads", "1",
            "--device", "cpu");
        Assert.Equal((0, ""), (trained.ExitCode, trained.Errors));
        Assert.Equal(Weights(demo.Model), Weights(demo.Model.Replace("run/", "on-cpu/", StringComparison.Ordinal)));

        byte[] Weights(string model) => File.ReadAllBytes(demo.Path(model, "open_clip_model.safetensors"));
    }

    [Fact]
    public void Embed_OnProcessors_WritesTheFeatures()
    {
        var done = demo.Run("embed", "--texts", "data/classes.txt", "--out", "on-cpu.safetensors", "--device", "cpu");
        Assert.Equal((0, ""), (done.ExitCode, done.Errors));
        Assert.NotEmpty(TensorFile.Read(demo.Path("on-cpu.safetensors")).Values);
    }

    [Theory]
    [InlineData("train spec.yaml --device gpu", "--device is 'gpu'; use cpu, cuda, or GPUs as in cuda:1 and cuda:0,cuda:1.")]
    [InlineData("embed --model m --out x --device cuda:0,cuda:1", "--device is 'cuda:0,cuda:1'; use cpu, cuda, or a GPU as in cuda:1.")]
    public void Device_ThatIsNone_SaysWhatIsTaken(string command, string expected)
    {
        var refused = Clipd.Run(demo.Folder, command.Split(' '));
        Assert.Equal(2, refused.ExitCode);
        Assert.Equal($"error: {expected}", refused.ErrorLines[0]);
    }

    [Theory]
    [InlineData("train spec.yaml --device cuda:0,cuda:1 --replicas 3", "--replicas is 3, and --device names 2 GPUs (cuda:0,cuda:1); ")]
    [InlineData("train spec.yaml --device cuda:2", "--device is cuda:2; this machine has 2 GPUs, cuda:0 to cuda:1. ")]
    [InlineData("train spec.yaml --replicas 4", "--replicas is 4, one for each GPU, and this machine has 2 GPUs, cuda:0 to cuda:1; ")]
    [InlineData("embed --texts data/classes.txt --out x.parquet --device cuda:7", "--device is cuda:7; this machine has 2 GPUs, ")]
    public void Device_ThatTheMachineLacks_SaysWhatItHas(string command, string expected)
    {
        File.WriteAllText(libTorch.File("libtorch_cuda.so"), "");
        AssertRefused(libTorch.Path, command, expected);
    }

    [Theory]
    [InlineData("embed --texts data/classes.txt --out x.parquet --device cuda")]
    [InlineData("eval retrieval --data data/seen --device cuda:1")]
    [InlineData("eval zeroshot --data data/seen --classes data/classes.txt --templates data/templates.txt --device cuda:0")]
    [InlineData("classify run/similarity.png --labels a,b --device cuda:0")]
    [InlineData("train spec.yaml --device cuda:1")]
    public void Device_ThatTheLibTorchCannotUse_SaysWhy(string command)
    {
        string device = command.Split(' ')[^1];
        AssertRefused(libTorch.Path, command, $"--device is {device}, but the libtorch in {libTorch.Path} computes on processors alone; ");
    }

    public void Dispose()
    {
        libTorch.Dispose();
        smi.Dispose();
    }

    /// <summary>On a machine with two GPUs and this libtorch.</summary>
    private void AssertRefused(string folder, string command, string expected)
    {
        string[] machine = ["env", "-u", "CUDA_VISIBLE_DEVICES", $"PATH={smi.Folder}:{Environment.GetEnvironmentVariable("PATH")}"];
        string[] model = command.StartsWith("train", StringComparison.Ordinal) ? [] : ["--model", demo.Model];
        using var clipd = Clipd.StartThrough(machine, demo.Folder, [.. command.Split(' '), .. model, "--libtorch", folder]);
        var refused = clipd.Finish();
        Assert.Equal(2, refused.ExitCode);
        Assert.StartsWith($"error: {expected}", Assert.Single(refused.ErrorLines), StringComparison.Ordinal);
    }
}
