using ClipDistributed.Contracts.Models;
using ClipDistributed.Model.Towers;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model;

/// <summary>An image tower and a text tower over one set of parameters.</summary>
public sealed class ClipModel : IDisposable
{
    private readonly ScalarType computeType;

    /// <param name="computeType">Number format of the towers' arithmetic; parameters and gradients stay float32.</param>
    public ClipModel(ModelConfig config, Device device, ScalarType computeType = ScalarType.Float32)
    {
        this.computeType = computeType;
        Config = config;
        Declaration = ModelDeclaration.Of(config);
        Parameters = new ParameterSet(Declaration.Parameters, device, Declaration.BatchNorms);
        Images = new BoundTower<Tensor>(Declaration.Images, Parameters, computeType);
        Texts = new BoundTower<TextInput>(Declaration.Texts, Parameters, computeType);
    }

    public ModelConfig Config { get; }

    public ModelDeclaration Declaration { get; }

    public ParameterSet Parameters { get; }

    /// <summary>What the image tower's batch norms know of the data; null where it has none.</summary>
    public BatchStatistics? Statistics => Parameters.Statistics;

    public BoundTower<Tensor> Images { get; }

    public BoundTower<TextInput> Texts { get; }

    /// <summary>The logarithm of the scale of logits, a scalar.</summary>
    public Tensor LogitScale => Parameters[Declaration.LogitScale.Name];

    /// <summary>β, what the sigmoid loss adds to logits, a scalar; null where the model has none.</summary>
    public Tensor? LogitBias => Declaration.LogitBias is { } bias ? Parameters[bias.Name] : null;

    /// <summary>For several passes over the same weights; null where the towers take the parameters as they are stored.</summary>
    public WeightCasts? ShareCasts() => computeType == ScalarType.Float32 ? null : new WeightCasts(Parameters, computeType);

    /// <summary>Rows of length 1 in float32: x / max(|x|, 1e-12), [b, D].</summary>
    public static Tensor Normalize(Tensor features) =>
        nn.functional.normalize(features.to(ScalarType.Float32), p: 2, dim: 1, eps: 1e-12);

    public void Dispose() => Parameters.Dispose();
}
