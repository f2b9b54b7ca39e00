using ClipDistributed.Contracts.Checkpoints;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Model.Safetensors;
using ClipDistributed.Model.Weights;
using ClipDistributed.Training.Optimization;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Checkpoints;

/// <summary>The file optimizer.safetensors: each state tensor of each parameter, as <c>exp_avg.visual.proj</c>.</summary>
internal static class OptimizerFile
{
    public const string FileName = CheckpointFiles.Optimizer;

    public static void Write(string folder, StateCopy copy, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        SafetensorsFile.Write(Path.Combine(folder, FileName), Views(copy.Moments, copy.Parameters), cancel: cancel);
    }

    /// <exception cref="BadInputException">The file does not hold this optimizer's state.</exception>
    public static void Read(string folder, IOptimizer optimizer, ParameterSet parameters)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var file = SafetensorsFile.Open(Path.Combine(folder, FileName));
        foreach (var (name, view) in Views(optimizer.State, parameters))
            view.copy_(file.Load(name));
    }

    private static IEnumerable<(string Name, Tensor View)> Views(
        IReadOnlyList<(string Name, Tensor Value)> moments,
        ParameterSet parameters
    ) => from state in moments from slot in parameters.Slots select ($"{state.Name}.{slot.Shape.Name}", slot.View(state.Value));
}
