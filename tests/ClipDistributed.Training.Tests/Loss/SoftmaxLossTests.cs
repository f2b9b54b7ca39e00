using ClipDistributed.Model.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Loss;

public sealed class SoftmaxLossTests
{
    [Theory]
    [InlineData(1024)] // one tile
    [InlineData(64)] // tiles that fit
    [InlineData(100)] // tiles with a remainder
    public void Run_GoldenFeatures_GivesReferenceLossAndGradients(int tile)
    {
        using var scope = NewDisposeScope();
        using var golden = SafetensorsFile.Open(Fixtures.File("loss/clip_n256_d64.safetensors"));
        double scale = Math.Exp(golden.Load("logit_scale_log").item<float>());

        var result = OneReplica.Softmax(golden.Load("image_features"), golden.Load("text_features"), scale, tile);

        double expected = golden.Load("loss_float64").item<double>();
        Assert.Equal(expected, result.Value, 1e-6 * expected);
        Golden.AssertClose(golden.Load("grad.image_features"), result.Images, 1e-7, 0, "image gradient");
        Golden.AssertClose(golden.Load("grad.text_features"), result.Texts, 1e-7, 0, "text gradient");
        Assert.Equal(golden.Load("grad.logit_scale_log_float64").item<double>(), result.LogitScale, 1e-6);
    }

    [Fact]
    public void Run_ScaleOfHundredAndOppositePairs_StaysFinite()
    {
        using var scope = NewDisposeScope();
        var images = nn.functional.normalize(randn([200, 8], generator: new Generator(3)));

        var result = OneReplica.Softmax(images, -images, 100, tile: 64);

        // Every pair is the worst match: about 2·scale above the best one.
        Assert.InRange(result.Value, 100, 210);
        Assert.True(result.Images.isfinite().all().item<bool>());
    }
}
