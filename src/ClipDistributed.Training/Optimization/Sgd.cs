using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Model.Weights;
using ClipDistributed.Training.Gradients;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Optimization;

/// <summary>Plain gradient descent with decoupled weight decay. Unlike Adam it does not hide a gradient of the wrong scale.</summary>
public sealed class Sgd(OptimizerSpec spec, ParameterSet parameters, GradientBuffer gradients) : IOptimizer
{
    public IReadOnlyList<(string Name, Tensor Value)> State => [];

    public void Step(long step, double lr)
    {
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        foreach (var slot in parameters.Slots.Where(slot => DecayRule.AppliesTo(slot.Shape, spec.Decay)))
            slot.FlatView(parameters.Flat).mul_(1 - lr * spec.WeightDecay);
        parameters.Flat.add_(gradients.Flat, alpha: -lr);
    }

    public void Dispose()
    {
    }
}
