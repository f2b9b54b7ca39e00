using ClipDistributed.Contracts.Models;
using ClipDistributed.Model;
using ClipDistributed.Model.Weights;
using ClipDistributed.Training.Optimization;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Checkpoints;

/// <summary>
/// A state that stands still while it is written: parameters, running statistics and moments in CPU memory, float32. One
/// buffer, filled again for every checkpoint; all of it is taken when it is made, so that no later checkpoint can lack memory.
/// </summary>
public sealed class StateCopy : IDisposable
{
    /// <param name="optimizer">Whose moments are copied too.</param>
    public StateCopy(ClipModel model, IOptimizer optimizer)
    {
        Config = model.Config;
        Parameters = new ParameterSet(model.Declaration.Parameters, CPU, model.Declaration.BatchNorms);
        Moments = [.. optimizer.State.Select(state => (state.Name, zeros_like(state.Value, device: CPU).DetachFromDisposeScope()))];
    }

    public ModelConfig Config { get; }

    /// <summary>With the running statistics.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>As <see cref="IOptimizer.State"/>.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Moments { get; }

    /// <summary>Copies what the model and the optimizer hold now.</summary>
    public void Take(ClipModel model, IOptimizer optimizer)
    {
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        Parameters.Flat.copy_(model.Parameters.Flat);
        foreach (var (copy, moment) in Moments.Zip(optimizer.State))
            copy.Value.copy_(moment.Value);
        if (model.Statistics is not { } statistics)
            return;
        Parameters.Statistics!.Running.copy_(statistics.Running);
        Parameters.Statistics.Updates = statistics.Updates;
    }

    public void Dispose()
    {
        Parameters.Dispose();
        foreach (var (_, value) in Moments)
            value.Dispose();
    }
}
