using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ClipDistributed.Model.Layers;

/// <summary>
/// Layer normalisation over the last axis (arXiv 1607.06450). It is computed in float32, with the gain and bias as they are stored, and
/// its result rounded: as autocast does it, which OpenCLIP's recipes use. bfloat16 knows no gain between 1 and 1 + 2⁻⁷.
/// </summary>
internal sealed record LayerNorm(ParameterShape Gain, ParameterShape Bias, double Epsilon)
{
    /// <summary>PyTorch's ε, which CLIP uses.</summary>
    public const double Usual = 1e-5;

    public Tensor Run(TowerPass pass, Tensor x)
    {
        using var scope = NewDisposeScope();
        var exact = x.dtype == ScalarType.Float32 ? x : x.to(ScalarType.Float32);
        return pass.Cast(layer_norm(exact, [x.shape[^1]], pass.Stored(Gain), pass.Stored(Bias), Epsilon)).MoveToOuterDisposeScope();
    }
}
