using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>What uses the model of a short run: <c>clipd classify</c>, <c>clipd eval retrieval</c> and <c>clipd model export</c>.</summary>
public sealed class ModelUseTests(TrainedDemo demo)
{
    [Fact]
    public void Train_ValidationWithCaptions_RecordsRetrievalPredictionsAndEvents()
    {
        var metrics = File.ReadLines(demo.Path("run", "metrics.jsonl"))
            .Select(line => RunRecordJson.TryParse(line)?.Retrieval).OfType<RetrievalMetrics>().Single();
        Assert.Equal((2, "seen", 96), (metrics.Step, metrics.Source, metrics.Count));
        Assert.True(PredictionSample.Load(demo.Path("run", "predictions.json")).IsComplete);
        var probe = ProbeSet.Load(demo.Path("run", "predictions", "probe.json"));
        Assert.Equal((10, "seen", 18), (probe.Captions.Count, probe.Sources.Single().Name, probe.Sources[0].Labels.Distinct().Count()));
        var result = ProbeResult.TryParse(File.ReadAllBytes(demo.Path("run", "predictions", "step-00000002.json")));
        Assert.True(result!.Fits(probe));
        var compared = SimilarityProbe.Load(demo.Path("run", "probe.json")); // of the report, at the same step
        Assert.Equal(compared.Captions, probe.Captions);
        Assert.Equal(compared.Similarity.SelectMany(row => row), result.Similarity.SelectMany(row => row));
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
}
