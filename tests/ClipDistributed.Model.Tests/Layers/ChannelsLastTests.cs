using ClipDistributed.Contracts.Models.Keys;
using ClipDistributed.Contracts.Models.Vision;
using ClipDistributed.Model.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Tests.Layers;

public sealed class ChannelsLastTests
{
    [Fact]
    public void IsFor_GpusAlone() =>
        Assert.Equal((true, false), (ChannelsLast.IsFor(DeviceType.CUDA), ChannelsLast.IsFor(DeviceType.CPU)));

    [Fact]
    public void LayOut_Maps_MovesNumbersAndNothingElse()
    {
        using var scope = NewDisposeScope();
        var maps = arange(2 * 3 * 4 * 5).view(2, 3, 4, 5);
        var laid = ChannelsLast.LayOut(maps);
        Assert.Equal([60, 1, 15, 3], laid.stride());
        Golden.AssertSameBits(maps, laid, "maps");
    }

    /// <summary>Nothing in the tower takes the order of the numbers in memory for granted, forward or backward.</summary>
    [Theory]
    [InlineData(4)] // convolutions as products
    [InlineData(32)] // libtorch's
    public void Forward_ImagesLaidOut_GivesTheSameFeaturesAndGradients(int width)
    {
        using var scope = NewDisposeScope();
        var plain = SampleModel.ResNetConfig();
        using var model = SampleModel.Create(plain with
        {
            VisionCfg = plain.VisionCfg with { Width = width, Layers = TowerLayers.ResNet(1, 1, 1, 1) },
        });
        var images = randn([3, 3, 64, 64], generator: new Generator(1));
        var (features, gradient) = Pass(images);
        var (laid, laidGradient) = Pass(ChannelsLast.LayOut(images));
        Golden.AssertClose(features, laid, 1e-4 * features.abs().max().ToDouble(), 0, "features");
        Golden.AssertClose(gradient, laidGradient, 1e-4 * gradient.abs().max().ToDouble(), 0, "gradient");

        (Tensor Features, Tensor Gradient) Pass(Tensor pixels)
        {
            var kernel = model.Parameters["visual.conv1.weight"];
            kernel.grad?.zero_();
            var embedded = model.Images.Forward(pixels);
            embedded.square().sum().backward();
            return (embedded.detach(), kernel.grad!.clone());
        }
    }
}
