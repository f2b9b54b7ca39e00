using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Model.Weights;
using ClipDistributed.Training.Gradients;
using ClipDistributed.Training.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Optimization;

/// <summary>
/// Adam with decoupled weight decay (arXiv 1711.05101, algorithm 2), PyTorch's fused kernel. It walks the padded pieces
/// of the flat vectors: lengths are multiples of a register, so no element is rounded otherwise because of the number of threads.
/// </summary>
public sealed class AdamW : IOptimizer
{
    private readonly OptimizerSpec spec;
    private readonly Tensor means, squares;
    private readonly Group[] groups;

    public AdamW(OptimizerSpec spec, ParameterSet parameters, GradientBuffer gradients)
    {
        this.spec = spec;
        means = zeros_like(parameters.Flat).DetachFromDisposeScope();
        squares = zeros_like(parameters.Flat).DetachFromDisposeScope();
        groups = [.. parameters.Slots.GroupBy(slot => DecayRule.AppliesTo(slot.Shape, spec.Decay)).Select(slots => new Group(
            slots.Key ? spec.WeightDecay : 0,
            new AdamWTensors(
                Views(slots, parameters.Flat), Views(slots, gradients.Flat), Views(slots, means), Views(slots, squares))))];
    }

    public IReadOnlyList<(string Name, Tensor Value)> State => [("exp_avg", means), ("exp_avg_sq", squares)];

    public void Step(long step, double lr)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var number = zeros([], ScalarType.Float32, means.device).fill_((float)step);
        foreach (var (decay, tensors) in groups)
            TensorOperators.FusedAdamW(tensors, number, new AdamWSettings(lr, spec.Beta1, spec.Beta2, decay, spec.Eps));
    }

    public void Dispose()
    {
        foreach (var (_, (values, gradients, first, second)) in groups)
        {
            foreach (var view in values.Concat(gradients).Concat(first).Concat(second))
                view.Dispose();
        }
        means.Dispose();
        squares.Dispose();
    }

    private static Tensor[] Views(IEnumerable<ParameterSlot> slots, Tensor flat) =>
        [.. slots.Select(slot => slot.FlatView(flat).DetachFromDisposeScope())];

    private sealed record Group(double WeightDecay, AdamWTensors Tensors);
}
