using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using ClipDistributed.Cluster.Tests.Running;

namespace ClipDistributed.Cluster.Tests.Gpu;

/// <summary>The commands for a GPU run on processors too: that they work is known before a GPU is at hand.</summary>
[Collection(ClusterCollection.Name)]
public sealed class GpuCommandTests
{
    private static readonly string[] Checks =
    [
        "load", "hooks", "kernels float32", "kernels bfloat16", "golden float32", "golden bfloat16", "train", "nccl one", "nccl absent",
        "invariance", "step tiny", "loss 64", "loss 256", "memory",
    ];

    [Fact]
    public async Task All_OnProcessors_PrintsALineForEachCheck()
    {
        using var program = GpuProgram.Start("all", "--steps", "8", "--pairs", "256", "--tiles", "64,256", "--peak", "1");
        var lines = await program.EndAsync(exitCode: 0);
        Assert.Equal(Checks, lines.Select(line => (string)line["check"]!));
        Assert.All(lines, line => Assert.True((bool)line["ok"]! && !line.ContainsKey("error"), line.ToJsonString()));
        Assert.All(lines, line => Assert.True((double)line["seconds"]! > 0));
        var byName = lines.ToDictionary(line => (string)line["check"]!);
        Assert.StartsWith("2.", (string)byName["load"]["libtorch"]!, StringComparison.Ordinal);
        Assert.False((bool)byName["hooks"]["foreign_thread"]!);
        AssertErrors(byName["kernels bfloat16"], atLeast: 20, "causal attention");
        AssertErrors(byName["kernels float32"], atLeast: 25, "fused AdamW");
        AssertErrors(byName["golden float32"], atLeast: 18, "eva02 gradients");
        AssertErrors(byName["golden bfloat16"], atLeast: 18, "siglip_map loss");
        AssertErrors(byName["invariance"], atLeast: 4, "gradient");
        Assert.True((double)byName["train"]["last_loss"]! < (double)byName["train"]["first_loss"]!);
        Assert.Equal(0, (int)byName["train"]["tensor_growth"]!);
        Assert.InRange((double)byName["nccl absent"]["abort_seconds"]!, 0, 1);
        Assert.Equal(2, (int)byName["memory"]["refused_with"]!);
        Assert.Equal(2, (int)byName["memory"]["attempts"]!);
        Assert.True((double)byName["loss 64"]["seconds_per_pass"]! > 0);
    }

    /// <summary>
    /// Of `tiny`: images 17 tokens of width 128 in 3 blocks, texts 16 tokens of width 64 in 2, both into 64 numbers; a step takes three
    /// times what a forward pass does.
    /// </summary>
    [Fact]
    public async Task Step_TinyModel_CountsItsOperations()
    {
        using var program = GpuProgram.Start("step", "--micro", "2", "--peak", "0.5");
        var line = Assert.Single(await program.EndAsync(exitCode: 0));
        double images = 2 * 16 * (3 * 8 * 8) * 128 + 3 * (17 * 24 * 128 * 128 + 4 * 17 * 17 * 128) + 2 * 128 * 64;
        double texts = 2 * (16 * 24 * 64 * 64 + 4 * 16 * 16 * 64) + 2 * 64 * 64;
        Assert.Equal(3 * (images + texts) / 1e9, (double)line["gflops_per_sample"]!, 1e-6);
        double rate = (double)line["samples_per_second"]! * 3 * (images + texts) / 1e12;
        Assert.Equal(1, (double)line["mfu"]! * 0.5 / rate, 1e-3);
        Assert.Equal(2, (int)line["rows"]!);
    }

    [Fact]
    public async Task Step_PeerOfFewerRows_TakesNoMore()
    {
        using var folder = new TemporaryFolder();
        using var program = GpuProgram.Start("step", "--peer", Peer(folder, """echo '{"rows": 3, "samples_per_second": 0.5}'"""));
        var line = Assert.Single(await program.EndAsync(exitCode: 0));
        Assert.Equal(3, (int)line["rows"]!);
        Assert.Equal((double)line["samples_per_second"]! / 0.5, (double)line["peer_ratio"]!, 1e-3 * (double)line["peer_ratio"]!);
    }

    [Fact]
    public async Task Step_PeerThatFails_IsNotOkAndShowsItsError()
    {
        using var folder = new TemporaryFolder();
        using var program = GpuProgram.Start("step", "--peer", Peer(folder, "echo 'No module named torch' >&2; exit 1"));
        var line = Assert.Single(await program.EndAsync(exitCode: 1));
        Assert.Contains("No module named torch", line["stderr"]!.AsArray().Select(text => (string)text!));
    }

    /// <summary>Loading it could end the process: all that it lacks is known before.</summary>
    [Fact]
    public async Task Load_LibraryThatLacksSymbols_NamesEachAndLoadsNothing()
    {
        using var folder = new TemporaryFolder();
        string other = Path.Combine(RepositoryFolder.File("bin", "lib", "clipd-replica"), "libclipd_mkl.so");
        File.Copy(other, folder.File("libtorch_cpu.so"));
        using var program = GpuProgram.Start("load", "--libtorch", folder.Path);
        var line = Assert.Single(await program.EndAsync(exitCode: 1));
        string[] missing = ((string)line["missing_symbols"]!).Split(' ');
        Assert.InRange(missing.Length, 1000, 10_000);
        Assert.Contains("_ZN2at4_ops4relu4callERKNS_6TensorE", missing);
        Assert.Contains($"{folder.Path} cannot be used: ", (string)line["error"]!, StringComparison.Ordinal);
        Assert.False(line.ContainsKey("libtorch_path"));
    }

    [Fact]
    public async Task Golden_NoFixtures_IsNotOk()
    {
        using var program = GpuProgram.Start("golden", "--fixtures", "/nowhere");
        var lines = await program.EndAsync(exitCode: 1);
        Assert.Equal(["golden float32", "golden bfloat16"], lines.Select(line => (string)line["check"]!));
        Assert.All(lines, line => Assert.False((bool)line["ok"]!));
        Assert.Contains("/nowhere", (string)lines[0]["error"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Golden_OtherNumbers_NamesWhatIsOff()
    {
        using var folder = new TemporaryFolder();
        string models = Directory.CreateDirectory(folder.File("models")).FullName;
        foreach (string file in Directory.EnumerateFiles(RepositoryFolder.File("tests", "fixtures", "models")))
            File.Copy(file, Path.Combine(models, Path.GetFileName(file)));
        // One of the models gets zeros among its weights.
        string weights = Path.Combine(models, "vit_gelu.weights.safetensors");
        byte[] bytes = await File.ReadAllBytesAsync(weights);
        bytes.AsSpan(bytes.Length / 2, 4000).Clear();
        await File.WriteAllBytesAsync(weights, bytes);

        using var program = GpuProgram.Start("golden", "--fixtures", folder.Path);
        var line = (await program.EndAsync(exitCode: 1))[0];
        Assert.False((bool)line["ok"]!);
        var errors = line["errors"]!.AsObject();
        Assert.True((double)errors["vit_gelu features"]!["error"]! > (double)errors["vit_gelu features"]!["bound"]!);
        Assert.True((double)errors["eva02 features"]!["error"]! <= (double)errors["eva02 features"]!["bound"]!);
    }

    [Fact]
    public async Task Train_LongerThanItsBound_IsEndedAndNamesItsPhase()
    {
        using var program = GpuProgram.Start("train", "--steps", "1000000", "--bound", "4");
        var line = Assert.Single(await program.EndAsync(exitCode: 1));
        Assert.False((bool)line["ok"]!);
        Assert.Contains("not done after 4 s; its last phase was 'step ", (string)line["error"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Loss_ProcessThatIsKilled_IsOneLineAndTheNextCheckRuns()
    {
        using var program = GpuProgram.Start("loss", "--pairs", "256", "--tiles", "64,256");
        using (var check = Process.GetProcessById(program.CheckId))
            check.Kill();
        var lines = await program.EndAsync(exitCode: 1);
        Assert.Equal(["loss 64", "loss 256"], lines.Select(line => (string)line["check"]!));
        Assert.Equal([false, true], lines.Select(line => (bool)line["ok"]!));
        Assert.Contains("exit code 137", (string)lines[0]["error"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--pairs", "many")]
    [InlineData("--pears", "3")]
    [InlineData("--steps")]
    public async Task Options_ThatAreNone_AreBadInput(params string[] options)
    {
        using var program = GpuProgram.Start("load", options);
        Assert.Empty(await program.EndAsync(exitCode: 2));
    }

    /// <summary>A program that is called as Python is, with peer_step.py and its options.</summary>
    private static string Peer(TemporaryFolder folder, string lines)
    {
        string path = folder.Write("python", Encoding.UTF8.GetBytes($"#!/bin/sh\ntest -f \"$1\" || exit 3\n{lines}\n"));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    private static void AssertErrors(JsonObject line, int atLeast, string named)
    {
        var errors = line["errors"]!.AsObject();
        Assert.InRange(errors.Count, atLeast, 100);
        Assert.InRange((double)errors[named]!["error"]!, 0, (double)errors[named]!["bound"]!);
    }
}
