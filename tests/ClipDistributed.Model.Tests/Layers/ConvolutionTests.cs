using ClipDistributed.Model.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Tests.Layers;

public sealed class ConvolutionTests
{
    private static readonly string[] Names = ["output", "gradient of the input", "gradient of the kernel"];

    /// <summary>The kinds of convolutions in CLIP's models, on small maps: libtorch's own are wrong for some on some processors.</summary>
    [Theory]
    [InlineData(3, 32, 3, 1, 2, 32)] // the stem of RN50
    [InlineData(32, 64, 3, 1, 1, 16)]
    [InlineData(64, 64, 3, 1, 1, 28)]
    [InlineData(256, 64, 1, 0, 1, 14)]
    [InlineData(128, 128, 3, 1, 1, 14)]
    [InlineData(512, 512, 3, 1, 1, 7)]
    [InlineData(2048, 512, 1, 0, 1, 7)]
    [InlineData(3, 40, 3, 1, 2, 36)] // of RN50x4
    [InlineData(40, 80, 3, 1, 1, 18)]
    [InlineData(80, 320, 1, 0, 1, 18)]
    [InlineData(160, 160, 3, 1, 1, 9)]
    [InlineData(3, 48, 3, 1, 2, 24)] // of RN50x16
    [InlineData(96, 96, 3, 1, 1, 12)]
    [InlineData(24, 24, 3, 1, 1, 2)] // of a small one
    [InlineData(20, 12, 3, 1, 1, 5)]
    [InlineData(64, 64, 3, 1, 1, 2)]
    [InlineData(24, 96, 1, 0, 1, 2)]
    [InlineData(3, 64, 8, 0, 8, 32)] // patches of a ViT
    [InlineData(3, 24, 4, 0, 4, 16)]
    public void Run_Float32_AgreesWithFloat64(long inputs, long outputs, long side, long padding, long stride, long map)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1, CPU);
        foreach (long batch in (long[])[1, 5, 16])
        {
            var x = randn([batch, inputs, map, map], generator: generator);
            var kernel = randn([outputs, inputs, side, side], generator: generator) / Math.Sqrt(inputs * side * side);
            var expected = Passes(
                x.to(ScalarType.Float64),
                kernel.to(ScalarType.Float64),
                (input, weights) => nn.functional.conv2d(input, weights, strides: [stride, stride], padding: [padding, padding])
            );
            var actual = Passes(x, kernel, (input, weights) => Convolution.Run(input, weights, padding, stride));
            for (int i = 0; i < expected.Length; i++)
            {
                double error = ((actual[i].to(ScalarType.Float64) - expected[i]).abs().max() / expected[i].abs().max()).ToDouble();
                Assert.True(error < 1e-5, $"batch {batch}, {Names[i]}: off by {error:0.0e+00} of the largest");
            }
        }
    }

    /// <summary>The output, and the gradients of its sum of squares.</summary>
    private static Tensor[] Passes(Tensor x, Tensor kernel, Func<Tensor, Tensor, Tensor> convolve)
    {
        var (input, weights) = (x.clone().requires_grad_(true), kernel.clone().requires_grad_(true));
        var output = convolve(input, weights);
        output.square().sum().backward();
        return [output.detach(), input.grad!, weights.grad!];
    }
}
