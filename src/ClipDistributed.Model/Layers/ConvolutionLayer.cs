using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Layers;

/// <summary>A convolution without bias, on square maps.</summary>
/// <param name="Kernel">[out, in, k, k].</param>
/// <param name="Padding">Zeros on each side.</param>
internal sealed record ConvolutionLayer(ParameterShape Kernel, long Padding, long Stride)
{
    /// <param name="places">Of the map that leaves.</param>
    /// <returns>Multiplications for one row.</returns>
    public long Products(long places) => Kernel.Count * places;

    public Tensor Run(TowerPass pass, Tensor x) => Convolution.Run(x, pass.Cast(Kernel), Padding, Stride);
}
