using ClipDistributed.Contracts.Models.Vision;
using ClipDistributed.Model.Layers;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ClipDistributed.Model.Towers;

/// <summary>A bottleneck block of CLIP's ResNet (OpenCLIP modified_resnet.py): what strides is an average pool.</summary>
internal sealed class ResNetBlock
{
    private readonly ResNetBlockForm form;
    private readonly ConvolutionLayer conv1, conv2, conv3;
    private readonly BatchNorm norm1, norm2, norm3;
    private readonly (ConvolutionLayer Convolution, BatchNorm Norm)? downsample;

    public ResNetBlock(TowerScope scope, ResNetBlockForm form)
    {
        this.form = form;
        conv1 = scope.Convolution("conv1", form.In, form.Planes, 1, (0, 1));
        conv2 = scope.Convolution("conv2", form.Planes, form.Planes, 3, (1, 1));
        conv3 = scope.Convolution("conv3", form.Planes, form.Out, 1, (0, 1));
        norm1 = scope.BatchNorm("bn1", form.Planes);
        norm2 = scope.BatchNorm("bn2", form.Planes);
        norm3 = scope.BatchNorm("bn3", form.Out, gain: 0); // every block is the identity at first
        if (form.HasDownsample)
            downsample = (scope.Convolution("downsample.0", form.In, form.Out, 1, (0, 1)), scope.BatchNorm("downsample.1", form.Out));
    }

    /// <param name="places">Of the map that enters.</param>
    public LayerMemory Memory(long places)
    {
        long after = places / (form.Stride * form.Stride), output = form.Out * after;
        long kept = 4 * form.Planes * places + 2 * output // the first two convolutions and the last, with their norms
            + (form.Stride > 1 ? form.Planes * after : 0)
            + (form.HasDownsample ? output + (form.Stride > 1 ? form.In * after : 0) : 0);
        // Gradients of the output, of the norm before it, of the input; and the convolution's copies in its own layout.
        return new LayerMemory(kept, 3 * Math.Max(output, form.In * places));
    }

    /// <param name="places">Of the map that enters.</param>
    public long Products(long places)
    {
        long after = places / (form.Stride * form.Stride);
        return conv1.Products(places) + conv2.Products(places) + conv3.Products(after) + (downsample?.Convolution.Products(after) ?? 0);
    }

    /// <param name="x">[b, in, h, h].</param>
    /// <returns>[b, out, h/stride, h/stride].</returns>
    public Tensor Forward(TowerPass pass, BatchNormPass norms, Tensor x)
    {
        using var scope = NewDisposeScope();
        var inner = Normed(pass, norms, (conv1, norm1), x).relu_();
        inner = Normed(pass, norms, (conv2, norm2), inner).relu_();
        var branch = Normed(pass, norms, (conv3, norm3), Pool(inner));
        var shortcut = downsample is { } layers ? Normed(pass, norms, layers, Pool(x)) : x;
        return branch.add_(shortcut).relu_().MoveToOuterDisposeScope();

        Tensor Pool(Tensor map) => form.Stride > 1 ? avg_pool2d(map, form.Stride) : map;
    }

    /// <summary>A convolution and the norm after it; nothing between them outlives them.</summary>
    public static Tensor Normed(TowerPass pass, BatchNormPass norms, (ConvolutionLayer Convolution, BatchNorm Norm) layers, Tensor x)
    {
        using var scope = NewDisposeScope();
        return layers.Norm.Run(pass, norms, layers.Convolution.Run(pass, x)).MoveToOuterDisposeScope();
    }
}

/// <param name="Name">OpenCLIP's, as in <c>layer2.0.</c>.</param>
/// <param name="In">Channels that enter.</param>
/// <param name="Planes">Channels inside; four times as many leave.</param>
/// <param name="Stride">2: an average pool halves the sides.</param>
internal sealed record ResNetBlockForm(string Name, int In, int Planes, int Stride)
{
    public int Out => 4 * Planes;

    /// <summary>Whether the residual path has to change its shape.</summary>
    public bool HasDownsample => Stride > 1 || In != Out;

    public static IReadOnlyList<ResNetBlockForm> Of(VisionConfig tower)
    {
        var blocks = new List<ResNetBlockForm>();
        int channels = tower.Width;
        for (int layer = 0; layer < tower.Layers.Groups.Count; layer++)
        {
            int planes = tower.Width << layer;
            for (int i = 0; i < tower.Layers.Groups[layer]; i++)
            {
                blocks.Add(new ResNetBlockForm($"layer{layer + 1}.{i}.", channels, planes, i == 0 && layer > 0 ? 2 : 1));
                channels = 4 * planes;
            }
        }
        return blocks;
    }
}
