using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Demo;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Tokens;
using ClipDistributed.Model;
using ClipDistributed.Training.Evaluation;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Evaluation;

public sealed class ZeroshotEvaluationTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("clipd-zeroshot-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Run_DamagedImages_AreCountedApart()
    {
        using var scope = NewDisposeScope();
        var tokenizer = TokenizerTrainer.Train(["a photo of"], 520, CleanMode.Lower);
        await using (
            var writer = new ParquetShardWriter(folder, "seen", rowsPerShard: 100, rowsPerGroup: 4, new WrittenColumns(Label: "label"))
        )
        {
            var (scenes, renderer) = (new SceneGenerator(1), new SceneRenderer(1, 32));
            for (int row = 0; row < 10; row++)
            {
                byte[] image = renderer.Render(scenes.Generate(ShapesSplit.Seen, row), ShapesSplit.Seen, row);
                await writer.AddAsync(row is >= 4 and < 8 ? image[..40] : image, "a shape", row % 2);
            }
        }
        var config = SampleModel.Config();
        config = config with { TextCfg = config.TextCfg with { VocabSize = tokenizer.VocabularySize } };
        using var model = new ClipModel(config, CPU);
        model.Parameters.Initialize(1);
        string[] classes = ["one", "two"];
        var evaluation = ZeroshotEvaluation.Build(classes, ["a {}"], tokenizer, new ModelFolderConfig { ModelCfg = config });
        var images = LabelledImages.Open(
            new SourceSpec { Path = folder, Name = "seen" },
            classes,
            new EvaluationTransform(config.VisionCfg.ImageSize),
            maxImagePixels: 10_000
        );

        var score = evaluation.Run(model, evaluation.Classifier(model), images);
        Assert.Equal((6, 4), (score.Count, score.Damaged));
        Assert.Null(score.Top5); // it would be 1 with any model
        Assert.InRange(score.Top1, 0, 1);
    }
}
