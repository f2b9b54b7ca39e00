using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Model;
using ClipDistributed.Training.Gradients;
using ClipDistributed.Training.Optimization;
using ClipDistributed.Training.Tensors;
using static TorchSharp.torch;

namespace ClipDistributed.Training.States;

/// <summary>All that a replica carries from step to step: parameters, gradients, moments and the step's number.</summary>
public sealed class TrainState : IDisposable
{
    /// <param name="model">Stays the caller's.</param>
    public TrainState(OptimizerSpec spec, ClipModel model)
    {
        Model = model;
        Gradients = new GradientBuffer(model.Parameters);
        Optimizer = spec.Name == OptimizerName.Sgd
            ? new Sgd(spec, model.Parameters, Gradients)
            : new AdamW(spec, model.Parameters, Gradients);
    }

    public ClipModel Model { get; }

    public GradientBuffer Gradients { get; }

    public IOptimizer Optimizer { get; }

    /// <summary>The last applied step; 0: initial weights; −1: the parameters mean nothing yet.</summary>
    public long AppliedStep { get; set; } = -1;

    /// <summary>All tensors that steps change and that every replica holds alike, one-dimensional.</summary>
    public IEnumerable<Tensor> Parts =>
        [
            Model.Parameters.Flat,
            .. Optimizer.State.Select(moment => moment.Value),
            .. Model.Statistics is { } statistics ? [statistics.Running] : Array.Empty<Tensor>(),
        ];

    /// <summary>Differs where a single bit does.</summary>
    public ulong Digest()
    {
        using var mode = no_grad();
        return WordSums.Of([.. Parts]).Aggregate(0UL, (digest, sum) => unchecked(digest * 0x9E3779B97F4A7C15 + sum));
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        Gradients.Dispose();
    }
}
