using ClipDistributed.Contracts.Models;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ClipDistributed.Model.Towers;

/// <summary>The vision transformer of CLIP (arXiv 2010.11929 with a layer norm before the blocks; arXiv 2103.00020, section 2.4).</summary>
internal sealed class VisionTransformer : IImageTower
{
    private readonly VisionConfig config;
    private readonly Layers weights;
    private readonly Transformer transformer;

    public VisionTransformer(ModelConfig model, Layers weights)
    {
        config = model.VisionCfg;
        this.weights = weights;
        transformer = new Transformer("visual.transformer", config.Layers.Total, config.Heads, causal: false, Layers.Activation(model.QuickGelu), config.LsInitValue is not null, weights, new BackwardStages(model).ImageBlock);
    }

    public Tensor Forward(Tensor images, Action<int>? completed = null)
    {
        using var scope = NewDisposeScope();
        long b = images.shape[0], w = config.Width;
        var patches = EmbedPatches(weights.Cast(images)); // [b, patches, w]
        var start = weights.Cast("visual.class_embedding").view(1, 1, w).expand(b, 1, w);
        var x = cat([start, patches], 1) + weights.Cast("visual.positional_embedding"); // [b, 1 + patches, w]
        if (!config.NoLnPre)
            x = weights.Norm("visual.ln_pre", x);
        return Pool(x, completed).matmul(weights.Cast("visual.proj")).MoveToOuterDisposeScope(); // [b, D]
    }

    /// <summary>The blocks, the last norm, and one vector of each image, [b, w].</summary>
    private Tensor Pool(Tensor x, Action<int>? completed)
    {
        if (!config.PoolsMean)
            return weights.Norm("visual.ln_post", transformer.Forward(x, zeros([x.shape[0]], ScalarType.Int64, x.device), completed));
        var tokens = transformer.ForwardAll(x, completed);
        return config.FinalLnAfterPool
            ? weights.Norm("visual.ln_post", MeanOfPatches(tokens))
            : MeanOfPatches(weights.Norm("visual.ln_post", tokens));
    }

    private static Tensor MeanOfPatches(Tensor tokens) => tokens.narrow(1, 1, tokens.shape[1] - 1).mean([1L]);

    /// <summary>A convolution whose stride is its kernel is one matrix product over the patches, and quicker so.</summary>
    private Tensor EmbedPatches(Tensor images)
    {
        long b = images.shape[0], p = config.PatchSize, side = config.GridSide;
        var patches = images.view(b, 3, side, p, side, p).permute(0, 2, 4, 1, 3, 5).reshape(b, side * side, 3 * p * p);
        return linear(patches, weights.Cast("visual.conv1.weight").view(config.Width, 3 * p * p));
    }
}
