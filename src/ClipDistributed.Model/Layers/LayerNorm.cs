using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ClipDistributed.Model.Layers;

/// <summary>Layer normalisation over the last axis (arXiv 1607.06450).</summary>
internal sealed record LayerNorm(ParameterShape Gain, ParameterShape Bias, double Epsilon)
{
    /// <summary>PyTorch's ε, which CLIP uses.</summary>
    public const double Usual = 1e-5;

    public Tensor Run(TowerPass pass, Tensor x) => layer_norm(x, [x.shape[^1]], pass.Cast(Gain), pass.Cast(Bias), Epsilon);
}
