using ClipDistributed.Model.Layers;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Towers;

/// <summary>A tower as it is declared: what it needs is known without a tensor.</summary>
/// <typeparam name="TInput">Normalised images, [b, 3, H, W] with H = W = image_size, or <see cref="TextInput"/>.</typeparam>
internal interface ITower<in TInput>
{
    /// <summary>Its parameters and batch norms.</summary>
    TowerScope Scope { get; }

    TowerStages Stages { get; }

    /// <summary>What one row costs, layer by layer in the order of the forward pass.</summary>
    IEnumerable<LayerMemory> Memory { get; }

    /// <summary>Multiplications of the matrix products of one row's forward pass; each goes with an addition.</summary>
    /// <param name="tokens">Of a text; how many an image has the tower knows.</param>
    long Products(long tokens);

    /// <summary>Learnt positions that OpenCLIP makes fit where they come from another image size or context; null: none.</summary>
    ParameterShape? ResizablePositions { get; }

    /// <returns>Features before normalisation, [b, D].</returns>
    Tensor Forward(TowerPass pass, TInput input);
}
