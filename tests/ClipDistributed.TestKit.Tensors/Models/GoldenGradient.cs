using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.TestKit.Tensors.Models;

/// <summary>How far the gradient of a parameter may be from the reference's, as tests/fixtures/README.md has it.</summary>
public static class GoldenGradient
{
    private const double Floor = 1e-6; // what stands where a gradient is zero in exact arithmetic

    /// <returns>The largest error over what is allowed for this parameter in float32: right up to 1.</returns>
    public static double Excess(Tensor expected, Tensor actual, string name)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        var error = (actual.to(ScalarType.Float64) - expected.to(ScalarType.Float64)).abs().flatten();
        // The gradient of key biases is zero in exact arithmetic: what stands there is rounding.
        var (first, count) = KeysIn(name, error.numel());
        double keys = count > 0 ? error.narrow(0, first, count).max().ToDouble() / Floor : 0;
        double largest = name == "visual.attnpool.k_proj.bias" ? 0 : expected.abs().max().ToDouble(); // zero too, for the same reason
        return Math.Max(keys, error.max().ToDouble() / Math.Max((IsStem(name) ? 5e-4 : 1e-4) * largest, Floor));
    }

    /// <summary>Which elements of a bias are added to keys.</summary>
    private static (long First, long Count) KeysIn(string bias, long length) =>
        bias.EndsWith("in_proj_bias", StringComparison.Ordinal) || bias.EndsWith("attn.qkv.bias", StringComparison.Ordinal)
            ? (length / 3, length / 3)
            : bias.EndsWith("attn_pool.kv.bias", StringComparison.Ordinal) ? (0, length / 2) : (0, 0);

    /// <summary>Before the residual layers of a ResNet, which accumulate the most rounding.</summary>
    private static bool IsStem(string name) =>
        name.StartsWith("visual.bn", StringComparison.Ordinal)
        || name is "visual.conv1.weight" or "visual.conv2.weight" or "visual.conv3.weight";
}
