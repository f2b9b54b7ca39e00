using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.HuggingFace;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Folders;

/// <summary>A tensor of a model as its folder holds it, under OpenCLIP's name, and the tensors of the file that make it up.</summary>
/// <param name="Value">The parameter or running statistic itself.</param>
internal sealed record StoredTensor(string Name, Tensor Value, IReadOnlyList<TensorPart> Parts)
{
    private const string Tracked = ".num_batches_tracked";

    /// <summary>Parameters and running statistics, in the model's order.</summary>
    public static IEnumerable<StoredTensor> Of(ParameterSet parameters, ModelFolderKind kind)
    {
        foreach (var slot in parameters.Slots)
            yield return Named(slot.Shape.Name, parameters[slot.Shape.Name], kind);
        if (parameters.Statistics is not { } statistics)
            yield break;
        foreach (var norm in statistics.Norms)
        {
            yield return Named($"{norm.Name}.running_mean", statistics.RunningOf(norm.Name, variance: false), kind);
            yield return Named($"{norm.Name}.running_var", statistics.RunningOf(norm.Name, variance: true), kind);
        }
    }

    /// <summary>The counters of OpenCLIP's batch norms, which all stand at the same number.</summary>
    public static IEnumerable<(string Name, Tensor Value)> Counters(ParameterSet parameters) =>
        parameters.Statistics is { } statistics ? statistics.Norms.Select(norm => (norm.Name + Tracked, tensor(statistics.Updates, ScalarType.Int64))) : [];

    public static IEnumerable<string> CounterNames(ParameterSet parameters) => parameters.Statistics?.Norms.Select(norm => norm.Name + Tracked) ?? [];

    public static bool IsCounter(string name) => name.EndsWith(Tracked, StringComparison.Ordinal);

    /// <summary>The pieces as the file has them, views of the value.</summary>
    public IEnumerable<(string Name, Tensor Value)> Pieces()
    {
        var value = Value.detach();
        if (Parts.Count == 1)
            return [(Parts[0].Name, Parts[0].Transposed ? value.t() : value)];
        long rows = value.shape[0] / Parts.Count;
        return Parts.Select((part, i) => (part.Name, value.narrow(0, i * rows, rows)));
    }

    private static StoredTensor Named(string name, Tensor value, ModelFolderKind kind) =>
        new(name, value, kind == ModelFolderKind.OpenClip ? [new TensorPart(name, value.shape)]
            : HuggingFaceNames.PartsOf(name, value.shape) ?? throw new InvalidOperationException($"CLIPModel has no tensor for {name}."));
}
