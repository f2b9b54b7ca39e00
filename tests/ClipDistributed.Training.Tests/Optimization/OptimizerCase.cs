using ClipDistributed.Model.Weights;
using ClipDistributed.Training.Gradients;
using ClipDistributed.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Optimization;

/// <summary>Parameters of awkward sizes, with and without decay, and random gradients for each step.</summary>
internal sealed class OptimizerCase : IDisposable
{
    public OptimizerCase(Func<ParameterSet, GradientBuffer, IOptimizer> create)
    {
        Parameters = new ParameterSet(
            [
                new("logit_scale", [], default), new("gain", [19], default), new("column", [7, 1], default),
                new("weight", [331, 607], default), new("cube", [3, 5, 2], default), new("bias", [100_003], default),
            ], CPU);
        Gradients = new GradientBuffer(Parameters);
        Optimizer = create(Parameters, Gradients);
        Fill(Parameters.Flat, seed: 1);
    }

    public ParameterSet Parameters { get; }

    public GradientBuffer Gradients { get; }

    public IOptimizer Optimizer { get; }

    public void Step(long step, double lr)
    {
        Fill(Gradients.Flat, seed: 1 + (ulong)step);
        Optimizer.Step(step, lr);
    }

    /// <summary>A normal random number in every element of every parameter, zeros between the parameters.</summary>
    public void Fill(Tensor flat, ulong seed)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var generator = new Generator(seed, CPU);
        foreach (var slot in Parameters.Slots)
            slot.View(flat).copy_(randn(slot.Shape.Shape, generator: generator));
    }

    /// <summary>The largest absolute value in what lies between the parameters.</summary>
    public double MaxPadding(Tensor flat)
    {
        using var scope = NewDisposeScope();
        return Parameters.Slots.Where(slot => slot.Padded > slot.Shape.Count)
            .Max(slot => slot.FlatView(flat).narrow(0, slot.Shape.Count, slot.Padded - slot.Shape.Count).abs().max().ToDouble());
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        Gradients.Dispose();
        Parameters.Dispose();
    }
}
