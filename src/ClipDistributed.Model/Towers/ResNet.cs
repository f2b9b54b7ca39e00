using ClipDistributed.Contracts.Models;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ClipDistributed.Model.Towers;

/// <summary>
/// CLIP's ResNet (arXiv 2103.00020, section 2.4; OpenCLIP modified_resnet.py): a stem of three convolutions, an average pool
/// before everything that strides (arXiv 1904.11486), and attention instead of the last average.
/// </summary>
internal sealed class ResNet : IImageTower
{
    private readonly Layers weights;
    private readonly IReadOnlyList<ResNetBlock> blocks;
    private readonly BackwardStages stages;
    private readonly int heads;

    public ResNet(ModelConfig model, Layers weights)
    {
        this.weights = weights;
        blocks = ResNetBlock.Of(model.VisionCfg);
        stages = new BackwardStages(model);
        heads = model.VisionCfg.Heads;
    }

    public Tensor Forward(Tensor images, Action<int>? completed = null)
    {
        using var scope = NewDisposeScope();
        var norms = weights.Statistics.Pass();
        var x = Stem(norms, weights.Cast(images)); // [b, w, H/4, W/4]
        foreach (var block in blocks)
            x = Block(norms, block, BackwardMark.Set(x, completed is null ? null : () => completed(stages.ImageBlock(block.Index))));
        norms.End();
        return AttentionPool(x).MoveToOuterDisposeScope(); // [b, D]
    }

    private Tensor Stem(BatchNormPass norms, Tensor images)
    {
        using var scope = NewDisposeScope();
        var x = ConvolveNorm(norms, "visual.conv1", "visual.bn1", images, padding: 1, stride: 2).relu_();
        x = ConvolveNorm(norms, "visual.conv2", "visual.bn2", x, padding: 1).relu_();
        x = ConvolveNorm(norms, "visual.conv3", "visual.bn3", x, padding: 1).relu_();
        return avg_pool2d(x, 2).MoveToOuterDisposeScope();
    }

    private Tensor Block(BatchNormPass norms, ResNetBlock block, Tensor x)
    {
        using var scope = NewDisposeScope();
        string name = block.Name;
        var inner = ConvolveNorm(norms, $"{name}.conv1", $"{name}.bn1", x).relu_();
        inner = ConvolveNorm(norms, $"{name}.conv2", $"{name}.bn2", inner, padding: 1).relu_();
        var branch = ConvolveNorm(norms, $"{name}.conv3", $"{name}.bn3", Pool(inner));
        var shortcut = block.HasDownsample ? ConvolveNorm(norms, $"{name}.downsample.0", $"{name}.downsample.1", Pool(x)) : x;
        return branch.add_(shortcut).relu_().MoveToOuterDisposeScope();

        Tensor Pool(Tensor map) => block.Stride > 1 ? avg_pool2d(map, block.Stride) : map;
    }

    private Tensor ConvolveNorm(BatchNormPass norms, string convolution, string norm, Tensor x, long padding = 0, long stride = 1)
    {
        using var scope = NewDisposeScope();
        return weights.Norm(norms, norm, weights.Convolve(convolution, x, padding, stride)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The mean of all places attends to them and to itself; only its result is a feature, so only its query is computed.
    /// </summary>
    /// <param name="map">[b, c, h, w].</param>
    private Tensor AttentionPool(Tensor map)
    {
        const string name = "visual.attnpool";
        long b = map.shape[0], c = map.shape[1];
        var places = map.flatten(2).transpose(1, 2); // [b, h·w, c]
        var x = cat([places.mean([1L], keepdim: true), places], 1) + weights.Cast($"{name}.positional_embedding"); // [b, 1 + h·w, c]
        var query = Heads(weights.Linear($"{name}.q_proj.weight", $"{name}.q_proj.bias", x.narrow(1, 0, 1)));
        var keys = Heads(weights.Linear($"{name}.k_proj.weight", $"{name}.k_proj.bias", x));
        var values = Heads(weights.Linear($"{name}.v_proj.weight", $"{name}.v_proj.bias", x));
        var attended = scaled_dot_product_attention(query, keys, values).transpose(1, 2).reshape(b, c);
        return weights.Linear($"{name}.c_proj.weight", $"{name}.c_proj.bias", attended);

        Tensor Heads(Tensor tokens) => tokens.view(b, -1, heads, c / heads).transpose(1, 2); // [b, heads, t, c/heads]
    }
}
