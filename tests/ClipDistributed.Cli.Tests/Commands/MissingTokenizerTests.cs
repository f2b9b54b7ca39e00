using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>Folders of models without a tokenizer: refused before the weights are read, unless one is named.</summary>
public sealed class MissingTokenizerTests(TrainedDemo demo)
{
    [Fact]
    public void Embed_FolderWithoutTokenizer_IsRefusedUnlessOneIsNamed()
    {
        string bare = Bare();
        File.WriteAllText(demo.Path("words.txt"), "a red circle\n");
        var refused = Clipd.Run(demo.Folder, "embed", "--model", bare, "--texts", "words.txt", "--out", "words.safetensors");
        Assert.Equal((2, 1), (refused.ExitCode, refused.ErrorLines.Length));
        Assert.Contains("holds no tokenizer", refused.ErrorLines[0], StringComparison.Ordinal);
        Assert.Contains("--tokenizer", refused.ErrorLines[0], StringComparison.Ordinal);

        Assert.Equal(
            0,
            Clipd
                .Run(
                    demo.Folder,
                    "embed",
                    "--model",
                    bare,
                    "--threads",
                    "1",
                    "--tokenizer",
                    "run/tokenizer.json",
                    "--texts",
                    "words.txt",
                    "--out",
                    "words.safetensors"
                )
                .ExitCode
        );
        Assert.Equal(0, demo.Run("embed", "--texts", "words.txt", "--out", "same.safetensors").ExitCode);
        Assert.Equal(TensorFile.Read(demo.Path("same.safetensors")).Values, TensorFile.Read(demo.Path("words.safetensors")).Values);
        Assert.Contains(
            "--tokenizer is for --texts",
            Clipd
                .Run(
                    demo.Folder,
                    "embed",
                    "--model",
                    bare,
                    "--tokenizer",
                    "run/tokenizer.json",
                    "--images",
                    "data/seen",
                    "--out",
                    "x.safetensors"
                )
                .ErrorLines[0],
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("eval", "retrieval", "--data", "data/seen")]
    [InlineData("eval", "zeroshot", "--data", "data/seen", "--classes", "data/classes.txt", "--templates", "data/templates.txt")]
    [InlineData("classify", "run/similarity.png", "--labels", "red circle,blue star", "--templates", "data/templates.txt")]
    public void Run_FolderWithoutTokenizer_IsRefusedUnlessOneIsNamed(params string[] command)
    {
        string bare = Bare();
        // What is said comes before the weights are read: they are cut short here.
        string weights = Path.Combine(bare, "open_clip_model.safetensors");
        byte[] whole = File.ReadAllBytes(weights);
        File.WriteAllBytes(weights, whole[..100]);
        var refused = Clipd.Run(demo.Folder, [.. command, "--model", bare]);
        Assert.Equal((2, 1), (refused.ExitCode, refused.ErrorLines.Length));
        Assert.Contains("holds no tokenizer", refused.ErrorLines[0], StringComparison.Ordinal);

        File.WriteAllBytes(weights, whole);
        var done = Clipd.Run(demo.Folder, [.. command, "--model", bare, "--threads", "1", "--tokenizer", "run/tokenizer.json", "--json"]);
        Assert.Equal((0, ""), (done.ExitCode, done.Errors));
        Assert.Equal(demo.Run([.. command, "--json"]).Output, done.Output);
    }

    [Fact]
    public void Train_WeightsWithoutTokenizer_AreRefusedBeforeTheyAreRead()
    {
        string bare = Bare();
        File.WriteAllBytes(Path.Combine(bare, "open_clip_model.safetensors"), new byte[9]);
        var refused = Clipd.Run(
            demo.Folder,
            "train",
            "spec.yaml",
            "--set",
            "run_directory=from-bare",
            "--set",
            $"model={{init_from: {bare}, preset: tiny}}"
        );
        Assert.Equal((2, 1), (refused.ExitCode, refused.ErrorLines.Length));
        Assert.Contains("holds no tokenizer", refused.ErrorLines[0], StringComparison.Ordinal);
        Assert.Contains("model.tokenizer", refused.ErrorLines[0], StringComparison.Ordinal);
    }

    /// <summary>A copy of the model's config and weights alone.</summary>
    private string Bare()
    {
        string folder = Directory.CreateDirectory(demo.Path($"bare-{Guid.NewGuid():N}")).FullName;
        foreach (string file in new[] { "open_clip_config.json", "open_clip_model.safetensors" })
            File.Copy(Path.Combine(demo.Path(demo.Model), file), Path.Combine(folder, file));
        return folder;
    }
}
