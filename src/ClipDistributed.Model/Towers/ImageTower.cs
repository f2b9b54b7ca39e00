using ClipDistributed.Contracts.Models;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ClipDistributed.Model.Towers;

/// <summary>The vision transformer of CLIP (arXiv 2010.11929 with a layer norm before the blocks; arXiv 2103.00020, section 2.4).</summary>
public sealed class ImageTower
{
    private readonly VisionConfig config;
    private readonly Layers weights;
    private readonly Transformer transformer;

    internal ImageTower(ModelConfig model, Layers weights)
    {
        config = model.VisionCfg;
        this.weights = weights;
        transformer = new Transformer("visual.transformer", config.Layers, config.Heads, causal: false, Layers.Activation(model.QuickGelu), weights, new BackwardStages(model).ImageBlock);
    }

    /// <param name="images">Normalised images, [b, 3, H, W] with H = W = image_size.</param>
    /// <param name="completed">Is told each <see cref="BackwardStages"/> of this tower that backward completes, but its last.</param>
    /// <returns>Features before normalisation, [b, D].</returns>
    public Tensor Forward(Tensor images, Action<int>? completed = null)
    {
        using var scope = NewDisposeScope();
        long b = images.shape[0], w = config.Width;
        var patches = EmbedPatches(weights.Cast(images)); // [b, patches, w]
        var start = weights.Cast("visual.class_embedding").view(1, 1, w).expand(b, 1, w);
        var x = cat([start, patches], 1) + weights.Cast("visual.positional_embedding"); // [b, 1 + patches, w]
        var classToken = transformer.Forward(weights.Norm("visual.ln_pre", x), zeros([b], ScalarType.Int64, images.device), completed); // [b, w]
        return weights.Norm("visual.ln_post", classToken).matmul(weights.Cast("visual.proj")).MoveToOuterDisposeScope(); // [b, D]
    }

    /// <summary>A convolution whose stride is its kernel is one matrix product over the patches, and quicker so.</summary>
    private Tensor EmbedPatches(Tensor images)
    {
        long b = images.shape[0], p = config.PatchSize, side = config.ImageSize / p;
        var patches = images.view(b, 3, side, p, side, p).permute(0, 2, 4, 1, 3, 5).reshape(b, side * side, 3 * p * p);
        return linear(patches, weights.Cast("visual.conv1.weight").view(config.Width, 3 * p * p));
    }
}
