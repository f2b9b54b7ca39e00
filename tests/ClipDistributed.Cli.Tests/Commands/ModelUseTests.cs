using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text.Json;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary><c>clipd classify</c>, <c>clipd embed</c> and <c>clipd eval retrieval</c> as processes.</summary>
public sealed class ModelUseTests(TrainedDemo demo) : IClassFixture<TrainedDemo>
{
    [Fact]
    public void Train_ValidationWithCaptions_RecordsRetrievalPredictionsAndEvents()
    {
        var metrics = File.ReadLines(demo.Path("run", "metrics.jsonl"))
            .Select(line => RunRecordJson.TryParse(line)?.Retrieval).OfType<RetrievalMetrics>().Single();
        Assert.Equal((2, "seen", 96), (metrics.Step, metrics.Source, metrics.Count));
        Assert.True(PredictionSample.Load(demo.Path("run", "predictions.json")).IsComplete);
        Assert.NotEmpty(Directory.GetFiles(demo.Path("run", "tensorboard"), "*tfevents*"));
    }

    [Fact]
    public void Classify_Json_GivesProbabilitiesThatSumToOne()
    {
        var done = demo.Run("classify", "run/similarity.png", "--labels", "red circle, blue star,green ring", "--json");
        Assert.Equal((0, ""), (done.ExitCode, done.Errors));
        var image = ReplicaOutputJson.TryParse(done.Output.TrimEnd())!.Classified;
        Assert.Equal(demo.Path("run", "similarity.png"), image.Image);
        Assert.Equal(["blue star", "green ring", "red circle"], image.Labels.Order());
        Assert.Equal(1, image.Probabilities.Sum(), 1e-6);
        Assert.Equal(image.Probabilities.OrderDescending(), image.Probabilities);
    }

    [Fact]
    public void Classify_OneFileIsNoImage_ShowsTheOthersAndNamesIt()
    {
        var done = demo.Run("classify", "run/similarity.png", "spec.yaml", "--labels", "a,b", "--top", "1");
        Assert.Equal(2, done.ExitCode);
        Assert.Equal(2, done.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length); // heading and one row
        Assert.Equal(
            [
                $"error: {demo.Path("spec.yaml")}: the image is in no format that can be read (JPEG, PNG, WebP, GIF, BMP, TIFF, "
                    + $"AVIF, JPEG 2000)",
            ],
            done.ErrorLines
        );
    }

    [Theory]
    [InlineData("cat,,dog", "error: --labels 'cat,,dog' has an empty label; write two or more, as in --labels cat,dog.")]
    [InlineData("cat", "error: --labels names 'cat' alone, which every image would fit; write two or more, as in --labels cat,dog.")]
    [InlineData("cat,dog, cat", "error: --labels names 'cat' 2 times; write it once.")]
    public void Classify_UnusableLabels_SaysWhy(string labels, string expected)
    {
        var done = demo.Run("classify", "run/similarity.png", "--labels", labels);
        Assert.Equal(2, done.ExitCode);
        Assert.Equal([expected], done.ErrorLines);
    }

    [Theory]
    [InlineData("ended.parquet", 2, 130)] // SIGINT, as by Ctrl-C
    [InlineData("ended.safetensors", 2, 130)]
    public void Embed_Ended_LeavesNothing(string file, int signal, int exitCode)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        late.CancelAfter(TimeSpan.FromMinutes(2));
        string folder = Directory.CreateDirectory(demo.Path($"ended-{file}")).FullName;
        File.WriteAllLines(demo.Path("many.txt"), Enumerable.Range(0, 1_000_000).Select(i => $"text {i}"));
        using var begun = new FileSystemWatcher(folder);
        using var names = new BlockingCollection<(WatcherChangeTypes Change, string? Name)>();
        begun.Created += (_, made) => names.Add((made.ChangeType, made.Name));
        begun.Deleted += (_, gone) => names.Add((gone.ChangeType, gone.Name));
        begun.EnableRaisingEvents = true;
        using var embed = Clipd.Start(
            demo.Folder,
            "embed",
            "--texts",
            "many.txt",
            "--out",
            Path.Combine(folder, file),
            "--model",
            demo.Model,
            "--threads",
            "1"
        );
        string working = file.EndsWith("parquet", StringComparison.Ordinal) ? $"{file}.partial" : $"{file}.numbers";
        Assert.Contains(names.GetConsumingEnumerable(late.Token), change => change == (WatcherChangeTypes.Created, working));
        embed.Signal(signal);
        Assert.Contains(names.GetConsumingEnumerable(late.Token), change => change == (WatcherChangeTypes.Deleted, working));
        var ended = embed.Finish();
        Assert.Equal(exitCode, ended.ExitCode);
        Assert.Equal(["stopping …; nothing that is incomplete is left"], ended.ErrorLines);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    [Fact]
    public void Embed_ImagesOfShards_AndOutThatExists()
    {
        var done = demo.Run("embed", "--images", "data/seen", "run/similarity.png", "--out", "images.safetensors");
        Assert.Equal((0, ""), (done.ExitCode, done.Errors));
        Assert.Equal("97 images of 32 numbers in images.safetensors\n", done.Output);
        var (header, _) = Read(demo.Path("images.safetensors"));
        string[] names = JsonSerializer.Deserialize<string[]>(
            header.RootElement.GetProperty("__metadata__").GetProperty("names").GetString()!
        )!;
        Assert.EndsWith(".parquet#0", names[0], StringComparison.Ordinal);
        Assert.Equal(demo.Path("run", "similarity.png"), names[96]);

        var again = demo.Run("embed", "--images", "data/seen", "--out", "images.safetensors");
        Assert.Equal(2, again.ExitCode);
        Assert.Equal([$"error: --out: {demo.Path("images.safetensors")} exists; name a new file, or remove it."], again.ErrorLines);
    }

    [Fact]
    public void Embed_TokensOfATensorFile_EqualsEmbeddingTheirText()
    {
        File.WriteAllText(demo.Path("lines.txt"), "a red circle\n\nthere is a blue star\n");
        Assert.Equal(0, demo.Run("embed", "--texts", "lines.txt", "--out", "lines.safetensors").ExitCode);
        int[][] ids = [.. new[] { "a red circle", "", "there is a blue star" }.Select(Encode)];
        WriteTokens(demo.Path("tokens.in"), ids);

        var done = demo.Run("embed", "--tensors", "tokens.in", "--out", "tokens.safetensors");
        Assert.Equal((0, ""), (done.ExitCode, done.Errors));
        Assert.Equal(Read(demo.Path("lines.safetensors")).Values, Read(demo.Path("tokens.safetensors")).Values);
        Assert.Equal(3 * 32, Read(demo.Path("lines.safetensors")).Values.Length);
    }

    [Fact]
    public void Embed_TensorsThatDoNotFit_NamesEach()
    {
        WriteTokens(
            demo.Path("short.in"),
            [
                [1, 2, 3],
            ]
        );
        Assert.Equal(
            ["error: --tensors: 'tokens' is [1, 3] of int32; this model takes [N, 16] of int32 or int64."],
            demo.Run("embed", "--tensors", "short.in", "--out", "short.safetensors").ErrorLines
        );
        WriteTokens(
            demo.Path("high.in"),
            [
                [.. Enumerable.Repeat(512, 16)],
            ]
        );
        Assert.Equal(
            ["error: --tensors: 'tokens' holds the id 512; this model knows 0 to 511."],
            demo.Run("embed", "--tensors", "high.in", "--out", "high.safetensors").ErrorLines
        );
        Assert.False(File.Exists(demo.Path("high.safetensors")));
    }

    [Fact]
    public void EvalRetrieval_Demo_PrintsWhatTrainingRecorded()
    {
        var recorded = File.ReadLines(demo.Path("run", "metrics.jsonl"))
            .Select(line => RunRecordJson.TryParse(line)?.Retrieval)
            .OfType<RetrievalMetrics>()
            .Single();
        var done = demo.Run("eval", "retrieval", "--data", "data/seen", "--json");
        Assert.Equal((0, ""), (done.ExitCode, done.Errors));
        var measured = RunRecordJson.TryParse(done.Output.TrimEnd())!.Retrieval;
        Assert.Equal(recorded.Loss, measured.Loss, 1e-5);
        Assert.Equal(
            (recorded.ImageToText, recorded.TextToImage, recorded.Count),
            (measured.ImageToText, measured.TextToImage, measured.Count)
        );
    }

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
        Assert.Equal(Read(demo.Path("same.safetensors")).Values, Read(demo.Path("words.safetensors")).Values);
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

    [Theory]
    [InlineData("open_clip")]
    [InlineData("hf")]
    public void Export_Demo_HasTheFilesOfTransformers(string form)
    {
        Assert.Equal(0, Clipd.Run(demo.Folder, "model", "export", demo.Model, "--to", form, "--out", $"exported-{form}").ExitCode);
        Assert.All(
            new[] { "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json" },
            file => Assert.True(File.Exists(demo.Path($"exported-{form}", file)), file)
        );
        if (form == "open_clip")
            Assert.Contains("\"hf_tokenizer_name\": \"local\"", File.ReadAllText(demo.Path("exported-open_clip", "open_clip_config.json")));
    }

    [Fact]
    public void Export_FileOfWeights_TakesTheTokenizerBesideIt()
    {
        Assert.Equal(
            0,
            Clipd
                .Run(demo.Folder, "model", "export", $"{demo.Model}/open_clip_model.safetensors", "--to", "hf", "--out", "exported-file")
                .ExitCode
        );
        Assert.Equal(
            File.ReadAllBytes(demo.Path("run", "tokenizer.json")),
            File.ReadAllBytes(demo.Path("exported-file", "tokenizer.json"))
        );
    }

    /// <summary>A copy of the model's config and weights alone.</summary>
    private string Bare()
    {
        string folder = Directory.CreateDirectory(demo.Path($"bare-{Guid.NewGuid():N}")).FullName;
        foreach (string file in new[] { "open_clip_config.json", "open_clip_model.safetensors" })
            File.Copy(Path.Combine(demo.Path(demo.Model), file), Path.Combine(folder, file));
        return folder;
    }

    private int[] Encode(string text)
    {
        var tokenizer = Data.Tokens.ClipTokenizer.Load(demo.Path(demo.Model));
        int[] ids = new int[16];
        tokenizer.Encode(text, ids);
        return ids;
    }

    private static void WriteTokens(string path, int[][] ids)
    {
        var entry = new
        {
            dtype = "I32",
            shape = new[] { ids.Length, ids[0].Length },
            data_offsets = new[] { 0, 4 * ids.Length * ids[0].Length },
        };
        byte[] header = JsonSerializer.SerializeToUtf8Bytes(new { tokens = entry });
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        File.WriteAllBytes(path, [.. length, .. header, .. MemoryMarshal.AsBytes<int>(ids.SelectMany(row => row).ToArray())]);
    }

    private static (JsonDocument Header, float[] Values) Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        return (JsonDocument.Parse(file.AsMemory(8, length)), MemoryMarshal.Cast<byte, float>(file.AsSpan(8 + length)).ToArray());
    }
}
