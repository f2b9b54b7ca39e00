using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.Vision;
using ClipDistributed.Model.Layers;
using ClipDistributed.Model.Towers;
using ClipDistributed.Model.Weights;
using static TorchSharp.torch;

namespace ClipDistributed.Model;

/// <summary>
/// What a config builds: its towers as they declare themselves, before any tensor exists. Parameters, their order, stages and
/// initialisation, batch norms and memory are all read from here.
/// </summary>
public sealed class ModelDeclaration
{
    private ModelDeclaration(ModelConfig config)
    {
        var loss = TowerScope.Of("");
        LogitScale = loss.Parameter("logit_scale", [], Initial.Value(config.InitLogitScale ?? Math.Log(1 / 0.07)));
        LogitBias = config.InitLogitBias is { } bias ? loss.Parameter("logit_bias", [], Initial.Value(bias)) : null;
        Texts = new TextTower(config, TowerStages.Loss + 1);
        Images = ImageTower(config, Texts.Stages.Embeddings + 1);
        Parameters = [.. loss.Parameters, .. Images.Scope.Parameters, .. Texts.Scope.Parameters];
    }

    /// <summary>All parameters in a fixed order, under OpenCLIP's names; a fresh model draws them in this order.</summary>
    public IReadOnlyList<ParameterShape> Parameters { get; }

    /// <summary>In the order in which images pass them; none in a transformer.</summary>
    public IReadOnlyList<BatchNormShape> BatchNorms => Images.Scope.BatchNorms;

    /// <summary>The logarithm of the scale of logits, a scalar.</summary>
    public ParameterShape LogitScale { get; }

    /// <summary>β, what the sigmoid loss adds to logits, a scalar; null where the model has none.</summary>
    public ParameterShape? LogitBias { get; }

    /// <summary>What one image costs, layer by layer.</summary>
    public IEnumerable<LayerMemory> ImageMemory => Images.Memory;

    /// <summary>What one text of full length costs, layer by layer.</summary>
    public IEnumerable<LayerMemory> TextMemory => Texts.Memory;

    /// <summary>Floating-point operations of the matrix products of one image's forward pass.</summary>
    public double ImageFlops => 2.0 * Images.Products(0);

    /// <summary>The same of a text of so many tokens.</summary>
    public double TextFlops(int tokens) => 2.0 * Texts.Products(tokens);

    /// <summary>The number of parameters' elements.</summary>
    public long Count => Parameters.Sum(parameter => parameter.Count);

    internal ITower<Tensor> Images { get; }

    internal ITower<TextInput> Texts { get; }

    public static ModelDeclaration Of(ModelConfig config) => new(config);

    private static ITower<Tensor> ImageTower(ModelConfig config, int firstStage) =>
        config.VisionCfg.Form switch
        {
            TransformerForm form => new VisionTransformer(config, form, firstStage),
            ResNetForm form => new ResNet(config, form, firstStage),
            TimmTransformerForm { Family: TimmFamily.Siglip } form => new SiglipVision(config, form, firstStage),
            TimmTransformerForm { Family: TimmFamily.Eva02 } form => new Eva02Vision(config, form, firstStage),
            var other => throw new InvalidOperationException($"No tower is built for {other.Summary}."),
        };
}
