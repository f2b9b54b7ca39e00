using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.Vision;
using ClipDistributed.Model.Layers;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ClipDistributed.Model.Towers;

/// <summary>
/// CLIP's ResNet (arXiv 2103.00020, section 2.4; OpenCLIP modified_resnet.py): a stem of three convolutions, an average pool
/// before everything that strides (arXiv 1904.11486), and attention instead of the last average.
/// </summary>
internal sealed class ResNet : ITower<Tensor>
{
    private readonly VisionConfig config;
    private readonly (ConvolutionLayer Convolution, BatchNorm Norm)[] stem;
    private readonly IReadOnlyList<ResNetBlockForm> forms;
    private readonly ResNetBlock[] blocks;
    private readonly ResNetPool pool;

    public ResNet(ModelConfig model, ResNetForm shape, int firstStage)
    {
        config = model.VisionCfg;
        Stages = new TowerStages(firstStage, shape.Blocks);
        Scope = TowerScope.Of("visual.", Stages.Embeddings);
        int half = config.Width / 2;
        var conv1 = Scope.Convolution("conv1", 3, half, 3, (1, 2));
        var conv2 = Scope.Convolution("conv2", half, half, 3, (1, 1));
        var conv3 = Scope.Convolution("conv3", half, config.Width, 3, (1, 1));
        var (norm1, norm2) = (Scope.BatchNorm("bn1", half), Scope.BatchNorm("bn2", half));
        stem = [(conv1, norm1), (conv2, norm2), (conv3, Scope.BatchNorm("bn3", config.Width))];
        forms = ResNetBlockForm.Of(config);
        blocks = [.. forms.Select((form, i) => new ResNetBlock(Scope.At(Stages.Block(i), form.Name), form))];
        pool = new ResNetPool(Scope.At(Stages.Head, "attnpool."), shape, model.EmbedDim);
    }

    public TowerScope Scope { get; }

    public TowerStages Stages { get; }

    public ParameterShape? ResizablePositions => null;

    public IEnumerable<LayerMemory> Memory
    {
        get
        {
            long pixels = 3L * config.ImageSize * config.ImageSize, side = config.ImageSize / 2, map = side * side;
            // Each convolution's output is kept for the norm after it, the norm's after its ReLU for the next convolution.
            long widest = config.Width * map;
            yield return new LayerMemory(pixels + 2 * config.Width / 2 * map, 2 * widest);
            yield return new LayerMemory(2 * config.Width / 2 * map, 2 * widest);
            yield return new LayerMemory(2 * widest + widest / 4, 3 * widest);
            side /= 2;
            for (int i = 0; i < blocks.Length; i++)
            {
                yield return blocks[i].Memory(side * side);
                side /= forms[i].Stride;
            }
            yield return pool.Memory;
        }
    }

    public long Products(long tokens)
    {
        long side = config.ImageSize / 2, sum = stem.Sum(layers => layers.Convolution.Products(side * side));
        side /= 2;
        for (int i = 0; i < blocks.Length; i++)
        {
            sum += blocks[i].Products(side * side);
            side /= forms[i].Stride;
        }
        return sum + pool.Products;
    }

    public Tensor Forward(TowerPass pass, Tensor images)
    {
        using var scope = NewDisposeScope();
        var norms = pass.BatchNorms();
        var pixels = pass.Cast(images);
        var x = Stem(pass, norms, ChannelsLast.IsFor(pixels.device_type) ? ChannelsLast.LayOut(pixels) : pixels); // [b, w, H/4, W/4]
        for (int i = 0; i < blocks.Length; i++)
            x = blocks[i].Forward(pass, norms, pass.Mark(x, Stages.Block(i)));
        norms.End();
        return pool.Forward(pass, x).MoveToOuterDisposeScope(); // [b, D]
    }

    private Tensor Stem(TowerPass pass, BatchNormPass norms, Tensor x)
    {
        using var scope = NewDisposeScope();
        foreach (var layers in stem)
            x = ResNetBlock.Normed(pass, norms, layers, x).relu_();
        return avg_pool2d(x, 2).MoveToOuterDisposeScope();
    }
}
