using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ClipDistributed.Model.Layers;

/// <summary>x·Wᵀ + b, W [out, in].</summary>
/// <param name="Bias">Null: there is none.</param>
internal sealed record Linear(ParameterShape Weight, ParameterShape? Bias)
{
    public Tensor Run(TowerPass pass, Tensor x) => linear(x, pass.Cast(Weight), Bias is null ? null : pass.Cast(Bias));

    /// <summary>Some of its outputs, each range for itself; the casts are shared.</summary>
    public LinearRanges Ranges(TowerPass pass) => new(pass.Cast(Weight), Bias is null ? null : pass.Cast(Bias));
}

/// <summary>Ranges of the outputs of a <see cref="Linear"/>.</summary>
internal readonly record struct LinearRanges(Tensor Weight, Tensor? Bias)
{
    public Tensor Run(Tensor x, long first, long count) => linear(x, Weight.narrow(0, first, count), Bias?.narrow(0, first, count));
}
