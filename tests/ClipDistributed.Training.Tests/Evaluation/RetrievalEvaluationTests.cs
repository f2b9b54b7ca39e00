using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Demo;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Tokens;
using ClipDistributed.Model;
using ClipDistributed.Training.Evaluation;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Evaluation;

public sealed class RetrievalEvaluationTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("clipd-retrieval-").FullName;
    private readonly ClipTokenizer tokenizer = TokenizerTrainer.Train(["a photo of"], 520, CleanMode.Lower);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Run_DamagedRows_AreCountedApart()
    {
        await WriteAsync(rows: 12, row => row is 3 or 7, row => row == 5 ? null : $"shape {row}");
        using var model = Model();
        var metrics = Assert.Single(RetrievalEvaluation.Of([Source], 5000, Config, tokenizer, 10_000)).Run(model, 7, 700);
        Assert.Equal((7, 700, "seen", 9, 3), (metrics.Step, metrics.Samples, metrics.Source, metrics.Count, metrics.Damaged));
        Assert.InRange(metrics.ImageToText.At10, metrics.ImageToText.At1, 1);
        Assert.True(metrics.Loss > 0);
    }

    [Fact]
    public async Task Run_FewPairsAllowed_ComparesSoManyAndAlwaysTheSame()
    {
        await WriteAsync(rows: 30, _ => false, row => $"shape {row}");
        using var model = Model();
        var evaluation = RetrievalEvaluation.Single(Source, 11, Config, tokenizer, 10_000);
        var first = evaluation.Run(model, 1, 1);
        Assert.Equal(11, first.Count);
        Assert.Equal(first, evaluation.Run(model, 1, 1));
        Assert.Equal(first, RetrievalEvaluation.Single(Source, 11, Config, tokenizer, 10_000).Run(model, 1, 1));
    }

    [Fact]
    public async Task Run_SameImageBytesInSeveralRows_AreOneImage()
    {
        await WriteAsync(rows: 12, _ => false, row => $"shape {row}", pictureOf: row => row / 4);
        using var model = Model();
        var metrics = RetrievalEvaluation.Single(Source, 100, Config, tokenizer, 10_000).Run(model, 1, 1);
        Assert.Equal((12, 3L), (metrics.Count, metrics.Images));
        Assert.Equal(1, metrics.TextToImage.At5); // of three images
    }

    [Fact]
    public async Task Of_NoPairsWanted_IsEmpty()
    {
        await WriteAsync(rows: 4, _ => false, row => $"shape {row}");
        Assert.Empty(RetrievalEvaluation.Of([Source], 0, Config, tokenizer, 10_000));
    }

    [Fact]
    public async Task Run_NoPairLeft_IsRefused()
    {
        await WriteAsync(rows: 4, _ => true, row => $"shape {row}");
        using var model = Model();
        var refused = Assert.Throws<BadInputException>(() =>
            RetrievalEvaluation.Single(Source, 100, Config, tokenizer, 10_000).Run(model, 1, 1)
        );
        Assert.Equal("'seen' has 0 pairs with a caption and an image that decodes; retrieval needs two or more.", refused.Message);
    }

    private SourceSpec Source => new() { Path = folder, Name = "seen" };

    private ModelFolderConfig Config =>
        new()
        {
            ModelCfg = SampleModel.Config() with { TextCfg = SampleModel.Config().TextCfg with { VocabSize = tokenizer.VocabularySize } },
        };

    private ClipModel Model()
    {
        var model = new ClipModel(Config.ModelCfg, CPU);
        model.Parameters.Initialize(1);
        return model;
    }

    private async Task WriteAsync(int rows, Func<int, bool> isDamaged, Func<int, string?> caption, Func<int, int>? pictureOf = null)
    {
        await using var writer = new ParquetShardWriter(folder, "seen", rowsPerShard: 100, rowsPerGroup: 4);
        var (scenes, renderer) = (new SceneGenerator(1), new SceneRenderer(1, 32));
        for (int row = 0; row < rows; row++)
        {
            int picture = pictureOf?.Invoke(row) ?? row;
            byte[] image = renderer.Render(scenes.Generate(ShapesSplit.Seen, picture), ShapesSplit.Seen, picture);
            await writer.AddAsync(isDamaged(row) ? image[..40] : image, caption(row));
        }
    }
}
