using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Towers;

/// <summary>Images to features: a vision transformer or CLIP's ResNet.</summary>
public interface IImageTower
{
    /// <param name="images">Normalised images, [b, 3, H, W] with H = W = image_size.</param>
    /// <param name="completed">
    /// Is told each <see cref="Weights.BackwardStages"/> of this tower that backward completes, but its last.
    /// </param>
    /// <returns>Features before normalisation, [b, D].</returns>
    Tensor Forward(Tensor images, Action<int>? completed = null);
}
