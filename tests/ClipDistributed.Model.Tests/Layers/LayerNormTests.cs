using ClipDistributed.Model.Layers;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Tests.Layers;

public sealed class LayerNormTests
{
    private const int Width = 48;

    /// <summary>Gains a little above 1, which bfloat16 would round to 1.</summary>
    [Fact]
    public void Run_Bfloat16_TakesGainAndBiasAsStoredAndRoundsOnce()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1, CPU);
        var declared = TowerScope.Of("");
        var norm = declared.Norm("ln", Width, LayerNorm.Usual);
        using var parameters = new ParameterSet(declared.Parameters, CPU);
        using (no_grad())
        {
            parameters["ln.weight"].copy_(1 + rand([Width], generator: generator) / 256);
            parameters["ln.bias"].copy_(rand([Width], generator: generator));
        }
        var x = randn([40, Width], generator: generator).to(ScalarType.BFloat16);

        var actual = norm.Run(new TowerPass(parameters, ScalarType.BFloat16, listener: null), x);

        var expected = nn.functional.layer_norm(
            x.to(ScalarType.Float32), [Width], parameters["ln.weight"], parameters["ln.bias"], LayerNorm.Usual);
        Golden.AssertSameBits(expected.to(ScalarType.BFloat16), actual, "result");
        actual.sum().backward();
        Assert.Equal(ScalarType.Float32, parameters["ln.weight"].grad!.dtype);
    }
}
