using ClipDistributed.Model.Layers;
using ClipDistributed.Model.Towers;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model;

/// <summary>A tower and the parameters that it computes with.</summary>
/// <typeparam name="TInput">Normalised images, [b, 3, H, W] with H = W = image_size, or <see cref="TextInput"/>.</typeparam>
public sealed class BoundTower<TInput>
{
    private readonly ITower<TInput> tower;
    private readonly ParameterSet parameters;
    private readonly ScalarType computeType;

    internal BoundTower(ITower<TInput> tower, ParameterSet parameters, ScalarType computeType) =>
        (this.tower, this.parameters, this.computeType) = (tower, parameters, computeType);

    /// <summary>The stage that is complete when all of this tower's gradients are; see <see cref="ParameterShape.Stage"/>.</summary>
    public int LastStage => tower.Stages.Embeddings;

    /// <param name="listener">Receives each stage of this tower that backward completes, but its last.</param>
    /// <param name="casts">Of <see cref="ClipModel.ShareCasts"/>, shared with other passes; a pass with a listener takes none.</param>
    /// <returns>Features before normalisation, [b, D].</returns>
    public Tensor Forward(TInput input, BackwardListener? listener = null, WeightCasts? casts = null) =>
        tower.Forward(new TowerPass(parameters, computeType, listener, casts), input);
}
