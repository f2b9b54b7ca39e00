using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Model;
using ClipDistributed.Training.Gradients;
using ClipDistributed.Training.Optimization;

namespace ClipDistributed.Training;

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

    public void Dispose()
    {
        Optimizer.Dispose();
        Gradients.Dispose();
    }
}
