using static TorchSharp.torch;

namespace ClipDistributed.Training.Optimization;

/// <summary>Updates the parameters from the gradients. Its state is flat, in the parameters' layout.</summary>
public interface IOptimizer : IDisposable
{
    /// <summary>The tensors that a checkpoint must hold, by name.</summary>
    IReadOnlyList<(string Name, Tensor Value)> State { get; }

    /// <param name="step">The step's number, from 1.</param>
    /// <param name="lr">The learning rate of this step.</param>
    void Step(long step, double lr);
}
