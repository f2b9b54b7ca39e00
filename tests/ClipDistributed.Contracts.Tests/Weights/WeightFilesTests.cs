using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Weights;
using ClipDistributed.TestKit.Pickles;
using CsCheck;

namespace ClipDistributed.Contracts.Tests.Weights;

public sealed class WeightFilesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("model.safetensors", "model.safetensors", "pytorch_model.bin")]
    [InlineData("pytorch_model.bin", "pytorch_model.bin", "zzz.pt")]
    [InlineData(
        "mine.ckpt",
        "mine.ckpt",
        "optimizer.safetensors",
        "training_args.bin",
        "scheduler.pt",
        "rng_state_0.pth",
        ".hidden.pt",
        "notes.txt"
    )]
    [InlineData("epoch_100.pt", "epoch_9.pt", "epoch_100.pt", "epoch_20.pt")]
    [InlineData("epoch_latest.pt", "epoch_9.pt", "epoch_latest.pt")]
    public void Find_FilesOfAFolder_TakesThePreferredOrTheOnlyOne(string expected, params string[] files)
    {
        foreach (string file in files)
            File.WriteAllText(folder.File(file), "");
        Assert.Equal([folder.File(expected)], WeightFiles.Find(folder.Path, ["model.safetensors", "pytorch_model.bin"])!.Paths);
    }

    [Fact]
    public void Find_SeveralOrNone_IsNoGuess()
    {
        Assert.Null(WeightFiles.Find(folder.Path, ["model.safetensors"]));
        File.WriteAllText(folder.File("a.pt"), "");
        File.WriteAllText(folder.File("b.pth"), "");
        Assert.Contains(
            "holds several files of weights (a.pt, b.pth); name one of them",
            Assert.Throws<BadInputException>(() => WeightFiles.Find(folder.Path, ["model.safetensors"])).Message
        );
    }

    [Fact]
    public void ReadEntries_ShardsOfPyTorch_AreOneModel()
    {
        var (a, b) = (StoredValues.Floats("module.a", "0", [1, 2], 2), StoredValues.Floats("module.b", "0", [3], 1));
        File.WriteAllBytes(folder.File("part-1.bin"), TorchFiles.Zip(new PickleText().StateDict([a]).Op('.').Bytes, [a]));
        File.WriteAllBytes(folder.File("part-2.bin"), TorchFiles.Legacy(new PickleText().StateDict([b]).Op('.').Bytes, [b]));
        File.WriteAllText(
            folder.File("pytorch_model.bin.index.json"),
            """{"metadata": {}, "weight_map": {"module.a": "part-1.bin", "module.b": "part-2.bin"}}"""
        );
        var entries = WeightFiles.Find(folder.Path, ["model.safetensors", "pytorch_model.bin"])!.ReadEntries();
        Assert.Equal([1, 2], Values.FloatsOf(entries["a"]));
        Assert.Equal([3], Values.FloatsOf(entries["b"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("module.")]
    [InlineData("module.module.")]
    [InlineData("_orig_mod.")]
    [InlineData("module._orig_mod.")]
    [InlineData("_orig_mod.module.")]
    [InlineData("_fsdp_wrapped_module.")]
    public void Unwrap_NamesOfTraining_AreTheModels(string prefix)
    {
        Assert.Equal(["a.weight", "b"], Unwrapped($"{prefix}a.weight", $"{prefix}b"));
        Assert.Equal(
            ["a.blocks.0.weight", "b"],
            Unwrapped($"{prefix}a._checkpoint_wrapped_module.blocks._orig_mod.0.weight", $"{prefix}b")
        );
    }

    [Fact]
    public void Unwrap_PrefixOfSomeNames_StaysAndNamesThatCollideAreRefused()
    {
        Assert.Equal(["b", "module.a"], Unwrapped("module.a", "b"));
        Assert.Contains(
            "tensor 'a' is there twice, once as '_orig_mod.a'",
            Assert.Throws<BadInputException>(() => Unwrapped("a", "_orig_mod.a")).Message
        );
    }

    /// <summary>Whatever the names are: with a prefix around all of them they come back.</summary>
    [Fact]
    public void Unwrap_AnyNames_AreUnchangedWithinAPrefix() =>
        Gen.Select(OneOf("visual.", "transformer.resblocks.0.", "text.", "attn."), OneOf("weight", "bias", "proj"))
            .Select(parts => parts.Item1 + parts.Item2)
            .Array[1, 8]
            .Sample(
                names =>
                {
                    string[] distinct = [.. names.Distinct().Order(StringComparer.Ordinal)];
                    Assert.Equal(distinct, Unwrapped([.. distinct.Select(name => "module." + name)]));
                    Assert.Equal(distinct, Unwrapped(distinct));
                },
                iter: 200
            );

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(at => values[at]);

    private static IEnumerable<string> Unwrapped(params string[] names) =>
        WeightNames.Unwrap([.. names.Select(name => new WeightEntry(name, "F32", [1], "file", 0))]).Keys.Order(StringComparer.Ordinal);
}
