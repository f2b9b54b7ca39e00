using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models.Folders;
using ClipDistributed.Contracts.Models.HuggingFace;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Folders;

/// <summary>A tensor of a model as its folder holds it, under OpenCLIP's name, and the tensors of the file that make it up.</summary>
internal sealed record StoredTensor(string Name, long[] Shape, IReadOnlyList<TensorPart> Parts)
{
    private const string Tracked = ".num_batches_tracked", Mean = ".running_mean", Variance = ".running_var";

    /// <summary>Parameters and running statistics, in the model's order.</summary>
    /// <exception cref="BadInputException">The form has no place for one of them.</exception>
    public static IReadOnlyList<StoredTensor> Of(ModelDeclaration model, ModelFolderKind kind) =>
    [
        .. model.Parameters.Select(shape => Named(shape.Name, shape.Shape, kind)),
        .. model.BatchNorms.SelectMany(
            norm => new[] { Mean, Variance }.Select(ending => Named(norm.Name + ending, [norm.Channels], kind))),
    ];

    /// <summary>The counters of OpenCLIP's batch norms, which all stand at the same number.</summary>
    public static IEnumerable<(string Name, Tensor Value)> Counters(ParameterSet parameters) =>
        parameters.Statistics is { } statistics
            ? statistics.Norms.Select(norm => (norm.Name + Tracked, tensor(statistics.Updates, ScalarType.Int64)))
            : [];

    public static IEnumerable<string> CounterNames(ModelDeclaration model) =>
        model.BatchNorms.Select(norm => norm.Name + Tracked);

    public static bool IsCounter(string name) => name.EndsWith(Tracked, StringComparison.Ordinal);

    /// <summary>The parameter or running statistic itself.</summary>
    public Tensor ValueIn(ParameterSet parameters)
    {
        bool variance = Name.EndsWith(Variance, StringComparison.Ordinal);
        return variance || Name.EndsWith(Mean, StringComparison.Ordinal)
            ? parameters.Statistics!.RunningOf(Name[..^(variance ? Variance : Mean).Length], variance)
            : parameters[Name];
    }

    /// <summary>The pieces as the file has them, views of the value.</summary>
    public IEnumerable<(string Name, Tensor Value)> Pieces(ParameterSet parameters)
    {
        var value = ValueIn(parameters).detach();
        if (Parts.Count == 1)
            return [(Parts[0].Name, Parts[0].Transposed ? value.t() : value)];
        long rows = value.shape[0] / Parts.Count;
        return Parts.Select((part, i) => (part.Name, value.narrow(0, i * rows, rows)));
    }

    private static StoredTensor Named(string name, long[] shape, ModelFolderKind kind) =>
        new(name, shape, kind == ModelFolderKind.OpenClip ? [new TensorPart(name, shape)]
            : HuggingFaceNames.PartsOf(name, shape)
                ?? throw new BadInputException(
                $"Hugging Face's CLIPModel has no tensor for {name}, which this model needs; use OpenCLIP's form of it."));
}
