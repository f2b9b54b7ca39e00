using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Model.Folders;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Tests.Folders;

public sealed class StartWeightsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ClipModel trained = SampleModel.Create(SampleModel.Config()); // a grid of 3 × 3

    public StartWeightsTests() => ModelFolder.Write(folder.Path, new ModelFolderConfig { ModelCfg = trained.Config }, trained.Parameters);

    public void Dispose()
    {
        trained.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Load_SameModel_TakesAllWithoutNotices()
    {
        using var model = SampleModel.Create(trained.Config, seed: 9);
        Assert.Empty(StartWeights.Load(folder.Path, model));
        Golden.AssertSameBits(trained.Parameters, model.Parameters);
    }

    [Theory]
    [InlineData(2)] // smaller: the kernel is widened
    [InlineData(5)]
    [InlineData(7)]
    public void Load_AnotherImageSize_InterpolatesPositionsAndKeepsTheClassToken(int side)
    {
        using var scope = NewDisposeScope();
        using var model = SampleModel.Create(
            trained.Config with
            {
                VisionCfg = trained.Config.VisionCfg with { ImageSize = 4 * side },
            },
            seed: 9
        );
        string notice = Assert.Single(StartWeights.Load(folder.Path, model));
        Assert.Contains($"3 × 3, were interpolated bicubically to {side} × {side}", notice);

        var before = trained.Parameters["visual.positional_embedding"].detach();
        var after = model.Parameters["visual.positional_embedding"].detach();
        Golden.AssertSameBits(before[0], after[0], "class token");
        int width = trained.Config.VisionCfg.Width;
        double[,] weights = CubicWeights(3, side);
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++)
            {
                for (int channel = 0; channel < width; channel++)
                {
                    double expected = 0;
                    for (int i = 0; i < 9; i++)
                        expected += weights[y, i / 3] * weights[x, i % 3] * before[1 + i, channel].item<float>();
                    Assert.Equal(expected, after[1 + y * side + x, channel].item<float>(), 1e-5);
                }
            }
        }
        Golden.AssertSameBits(trained.Parameters["positional_embedding"], model.Parameters["positional_embedding"], "text positions");
    }

    [Theory]
    [InlineData(5)]
    [InlineData(16)]
    public void Load_AnotherContext_InterpolatesLinearly(int context)
    {
        using var scope = NewDisposeScope();
        using var model = SampleModel.Create(
            trained.Config with
            {
                TextCfg = trained.Config.TextCfg with { ContextLength = context },
            },
            seed: 9
        );
        Assert.Contains("9 text positions", Assert.Single(StartWeights.Load(folder.Path, model)));
        var (before, after) = (trained.Parameters["positional_embedding"].detach(), model.Parameters["positional_embedding"].detach());
        for (int row = 0; row < context; row++)
        {
            double at = Math.Clamp((row + 0.5) * 9 / context - 0.5, 0, 8);
            int low = (int)at;
            var expected = before[low] * (1 - (at - low)) + before[Math.Min(low + 1, 8)] * (at - low);
            Golden.AssertClose(expected, after[row], 1e-6, 1e-5, $"row {row}");
        }
    }

    [Fact]
    public void Load_AnotherModel_NamesWhatDiffersAndChangesNothing()
    {
        using var scope = NewDisposeScope();
        using var model = SampleModel.Create(trained.Config with
        {
            QuickGelu = true,
            VisionCfg = trained.Config.VisionCfg with { HeadWidth = 6 },
            TextCfg = trained.Config.TextCfg with { VocabSize = 31, Heads = 4 },
        });
        var before = model.Parameters.Flat.clone();
        var refused = Assert.Throws<BadInputException>(() => StartWeights.Load(folder.Path, model));
        Assert.Equal(4, refused.Errors.Count);
        Assert.Contains("quick_gelu is False, this run's model has True", refused.Errors[0]);
        Assert.Contains("vision_cfg.head_width is 4, this run's model has 6", refused.Errors[1]);
        Assert.Contains("text_cfg.vocab_size is 30, this run's model has 31", refused.Errors[2]);
        Assert.Contains("text_cfg.heads is 2, this run's model has 4", refused.Errors[3]);
        Golden.AssertSameBits(before, model.Parameters.Flat, "parameters");
    }

    [Fact]
    public void Load_AnotherPatchSize_IsRefusedByTensor()
    {
        using var model = SampleModel.Create(trained.Config with { VisionCfg = trained.Config.VisionCfg with { PatchSize = 6 } });
        var refused = Assert.Throws<BadInputException>(() => StartWeights.Load(folder.Path, model));
        Assert.Contains("'visual.conv1.weight' has the shape [12, 3, 4, 4], the model [12, 3, 6, 6]", Assert.Single(refused.Errors));
    }

    [Fact]
    public void Open_ResNetWritten_HasItsRunningStatistics()
    {
        using var model = SampleModel.Create(SampleModel.ResNetConfig());
        using (no_grad())
            model.Statistics!.Running.copy_(rand(model.Statistics.Running.shape));
        model.Statistics.Updates = 7;
        ModelFolder.Write(folder.File("resnet"), new ModelFolderConfig { ModelCfg = model.Config }, model.Parameters);
        using var opened = ModelFolder.Open(folder.File("resnet"), CPU);
        Assert.Equal(model.Config, opened.Config);
        Golden.AssertSameBits(model.Parameters, opened.Parameters);
    }

    /// <summary>Row i: the weight of every source place for target place i; Pillow's bicubic filter, widened when it shrinks.</summary>
    private static double[,] CubicWeights(int from, int to)
    {
        double scale = (double)from / to, wide = Math.Max(scale, 1);
        double[,] weights = new double[to, from];
        for (int i = 0; i < to; i++)
        {
            double centre = (i + 0.5) * scale, sum = 0;
            for (int j = 0; j < from; j++)
                sum += weights[i, j] = Cubic((j + 0.5 - centre) / wide);
            for (int j = 0; j < from; j++)
                weights[i, j] /= sum;
        }
        return weights;
    }

    private static double Cubic(double x)
    {
        const double a = -0.5;
        x = Math.Abs(x);
        return x < 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    }
}
