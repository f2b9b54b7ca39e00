using ClipDistributed.Contracts.Runs;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>A checkpoint that is not what its run wrote: every command that reads it says so.</summary>
public sealed class DamagedCheckpointTests : IDisposable
{
    private const string Weights = "open_clip_model.safetensors";

    private readonly string folder = Directory.CreateTempSubdirectory("clipd-damaged-").FullName;

    public DamagedCheckpointTests() => OlderRun.CopyTo(folder);

    private string Checkpoint => new RunDirectory(Path.Combine(folder, "run")).Checkpoint(1, 10);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    public static TheoryData<string> Uses =>
    [
        "classify x.png --labels a,b --model",
        "eval retrieval --data data/train --model",
        "embed --images data/train --out images.parquet --model",
        "model export --to hf --out hf",
    ];

    [Theory]
    [MemberData(nameof(Uses))]
    public void Use_WeightsThatLostABit_IsRefusedWithTheFile(string use)
    {
        File.WriteAllText(Path.Combine(folder, "x.png"), "");
        Flip(Weights);

        var result = Clipd.Run(folder, [.. use.Split(' '), Checkpoint]);

        Assert.Equal(2, result.ExitCode);
        Assert.Equal(
            $"error: {Checkpoint} is damaged ({Weights} does not have the hash it was written with); restore it, or name another "
                + "checkpoint. Where it was changed on purpose, remove its checkpoint.json.",
            Assert.Single(result.ErrorLines)
        );
        Assert.Empty(
            Directory.GetFiles(folder, "*.parquet").Concat(Directory.GetFiles(folder, "model.safetensors", SearchOption.AllDirectories))
        );
    }

    [Fact]
    public void Train_FromWeightsThatLostABit_IsRefused()
    {
        Flip(Weights);
        var result = Clipd.Run(
            folder,
            "train",
            "spec.yaml",
            "--set",
            "run_directory=new",
            "--set",
            $"model={{init_from: {Checkpoint}}}",
            "--set",
            "optimizer.lr=0.001",
            "--threads",
            "1"
        );
        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"{Weights} does not have the hash", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("optimizer.safetensors", true)]
    [InlineData("state.json", true)]
    [InlineData("tokenizer.json", false)]
    [InlineData("open_clip_config.json", false)]
    [InlineData("checkpoint.json", false)]
    public void Embed_OtherFileLost_CountsWhereAModelNeedsIt(string name, bool isUsed)
    {
        File.WriteAllText(Path.Combine(folder, "texts.txt"), "a\n");
        if (isUsed)
            File.Delete(Path.Combine(Checkpoint, name));
        else
            File.AppendAllText(Path.Combine(Checkpoint, name), name == "checkpoint.json" ? "}" : " ");
        var result = Clipd.Run(folder, "embed", "--texts", "texts.txt", "--out", "texts.parquet", "--model", Checkpoint);
        Assert.Equal(isUsed ? 0 : 2, result.ExitCode);
        Assert.Equal(isUsed ? "" : name, isUsed ? result.Errors : name);
        Assert.Contains(isUsed ? "" : name, result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("flip", "does not have the hash")]
    [InlineData("sparse", "has 1099511627776 bytes instead of")]
    [InlineData("fifo", "is a pipe (FIFO)")]
    [InlineData("folder", "is a folder")]
    [InlineData("missing", "is missing")]
    public void CheckpointList_Damage_IsNamedAtOnceWithExitCodeOne(string damage, string said)
    {
        string file = Path.Combine(Checkpoint, Weights);
        if (damage == "flip")
            Flip(Weights);
        else if (damage == "sparse")
            SpecialFiles.Stretch(file, 1L << 40);
        else
            File.Delete(file);
        if (damage == "fifo")
            SpecialFiles.MakeFifo(file);
        else if (damage == "folder")
            Directory.CreateDirectory(file);
        var listed = Clipd.Run(folder, "checkpoint", "list", "run");
        Assert.Equal((1, ""), (listed.ExitCode, listed.Errors));
        Assert.Contains($"damaged: {Weights} {said}", listed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void CheckpointList_WholeOnes_EndsWithZero() => Assert.Equal(0, Clipd.Run(folder, "checkpoint", "list", "run").ExitCode);

    [Theory]
    [InlineData("checkpoint", "list", "runs/nothing", "does not exist")]
    [InlineData("checkpoint", "list", "./nothing", "does not exist")]
    [InlineData("checkpoint", "list", "spec.yaml", "is a file")]
    [InlineData("run", "verify", "runs/nothing", "does not exist")]
    [InlineData("run", "verify", "spec.yaml", "is a file")]
    public void Run_PathOfNoDirectory_IsRefusedWithoutACoordinator(string noun, string verb, string run, string said)
    {
        var result = Clipd.Run(folder, noun, verb, run, "--coordinator", "127.0.0.1:1");
        Assert.Equal(
            (2, $"error: {Path.GetFullPath(run, folder)} {said}; give a run's directory or its id."),
            (result.ExitCode, Assert.Single(result.ErrorLines))
        );
    }

    private void Flip(string name)
    {
        string file = Path.Combine(Checkpoint, name);
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^100] ^= 1;
        File.WriteAllBytes(file, bytes);
    }
}
