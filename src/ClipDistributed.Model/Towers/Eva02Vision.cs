using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.Vision;
using ClipDistributed.Model.Layers;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Towers;

/// <summary>
/// EVA-02's image tower (arXiv 2303.11331) as EVA-CLIP trains it and timm builds it (eva.py): learnt positions, and rotary ones in every
/// block; the feature is read at the class token.
/// </summary>
internal sealed class Eva02Vision : ITower<Tensor>
{
    private const double HeadScale = 0.001; // timm's head_init_scale

    private readonly TimmStem stem;
    private readonly RotaryGrid rotary;
    private readonly Eva02Block[] blocks;
    private readonly LayerNorm norm;
    private readonly TimmHead head;

    public Eva02Vision(ModelConfig model, TimmTransformerForm form, int firstStage)
    {
        Stages = new TowerStages(firstStage, form.Blocks);
        Scope = TowerScope.Of("visual.", Stages.Embeddings);
        var trunk = Scope.At(Stages.Embeddings, "trunk.");
        stem = new TimmStem(trunk, model.VisionCfg, form, Initial.Normal(TimmStem.Deviation));
        rotary = new RotaryGrid(form.GridSide, form.Width / form.Heads);
        blocks = [.. Enumerable.Range(0, form.Blocks).Select(i => new Eva02Block(trunk.At(Stages.Block(i), $"blocks.{i}."), form, i))];
        norm = trunk.At(Stages.Head).Norm("norm", form.Width, TimmStem.NormEpsilon);
        head = new TimmHead(Scope.At(Stages.Head), model, form, Initial.Normal(TimmStem.Deviation * HeadScale));
    }

    public TowerScope Scope { get; }

    public TowerStages Stages { get; }

    /// <summary>OpenCLIP leaves those of timm's towers as they are.</summary>
    public ParameterShape? ResizablePositions => null;

    public IEnumerable<LayerMemory> Memory =>
        [stem.Memory, .. blocks.SkipLast(1).Select(block => block.Memory(stem.Tokens)), blocks[^1].MemoryOfFirst(stem.Tokens)];

    public long Products(long tokens) => stem.Products + blocks.SkipLast(1).Sum(block => block.Products(stem.Tokens))
        + blocks[^1].ProductsOfFirst(stem.Tokens) + head.Products;

    public Tensor Forward(TowerPass pass, Tensor images)
    {
        using var scope = NewDisposeScope();
        var x = stem.Run(pass, images); // [b, 1 + patches, w]
        var angles = rotary.On(pass, x);
        for (int i = 0; i < blocks.Length; i++)
            x = blocks[i].Forward(pass, pass.Mark(x, Stages.Block(i)), angles, onlyFirst: i == blocks.Length - 1);
        return head.Run(pass, norm.Run(pass, x.select(1, 0))).MoveToOuterDisposeScope(); // [b, D]
    }
}
