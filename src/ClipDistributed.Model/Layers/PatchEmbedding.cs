using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ClipDistributed.Model.Layers;

/// <summary>
/// Patches of an image as tokens. A convolution whose stride is its kernel is one matrix product over the patches, and quicker so.
/// </summary>
/// <param name="kernel">[w, 3, p, p].</param>
/// <param name="bias">[w]; null: there is none.</param>
internal sealed class PatchEmbedding(ParameterShape kernel, ParameterShape? bias = null)
{
    /// <returns>Multiplications for one image.</returns>
    public long Products(long patches) => kernel.Count * patches;

    /// <param name="images">[b, 3, h, h]; what does not fill a patch is left out.</param>
    /// <returns>[b, side², w], row by row.</returns>
    public Tensor Run(TowerPass pass, Tensor images)
    {
        long b = images.shape[0], p = kernel.Shape[^1], side = images.shape[^1] / p;
        if (images.shape[^1] != side * p)
            images = images.narrow(2, 0, side * p).narrow(3, 0, side * p).contiguous();
        var patches = images.view(b, 3, side, p, side, p).permute(0, 2, 4, 1, 3, 5).reshape(b, side * side, 3 * p * p);
        return linear(patches, pass.Cast(kernel).view(kernel.Shape[0], 3 * p * p), bias is null ? null : pass.Cast(bias));
    }
}
