using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Layers;

/// <summary>One forward pass: the tensors of what modules declared. Casts to the compute type sit inside the graph.</summary>
/// <param name="listener">Receives each stage whose gradients backward has completed.</param>
/// <param name="casts">That passes share; null: this one has its own.</param>
internal sealed class TowerPass(
    ParameterSet parameters, ScalarType computeType, BackwardListener? listener, WeightCasts? casts = null)
{
    // Backward takes later nodes before earlier ones: a cast from before this pass would come after all its marks, and stages would be
    // reported before their gradients are complete.
    private readonly WeightCasts? shared = listener is null ? casts : null;

    /// <summary>The parameter in the compute type.</summary>
    public Tensor Cast(ParameterShape parameter) => shared?.Of(parameter) ?? Cast(parameters[parameter.Name]);

    public Tensor Cast(Tensor x) => x.dtype == computeType ? x : x.to(computeType);

    /// <summary>The parameter as it is stored, float32.</summary>
    public Tensor Stored(ParameterShape parameter) => parameters[parameter.Name];

    /// <summary>What this pass normalises batches by.</summary>
    public BatchNormPass BatchNorms() =>
        (parameters.Statistics ?? throw new InvalidOperationException("This model has no batch norm.")).Pass();

    /// <summary>Backward has completed a stage once it leaves the layers that follow <paramref name="x"/>.</summary>
    public Tensor Mark(Tensor x, int stage) => BackwardMark.Set(x, stage, listener);
}
