using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.Vision;
using ClipDistributed.Model.Layers;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Towers;

/// <summary>The vision transformer of CLIP (arXiv 2010.11929 with a layer norm before the blocks; arXiv 2103.00020, section 2.4).</summary>
internal sealed class VisionTransformer : ITower<Tensor>
{
    private readonly VisionConfig config;
    private readonly int patchCount;
    private readonly ParameterShape start, positions, projection;
    private readonly PatchEmbedding patches;
    private readonly LayerNorm? normBefore;
    private readonly LayerNorm normAfter;
    private readonly Transformer transformer;

    public VisionTransformer(ModelConfig model, TransformerForm shape, int firstStage)
    {
        config = model.VisionCfg;
        patchCount = shape.Patches;
        Stages = new TowerStages(firstStage, shape.Blocks);
        Scope = TowerScope.Of("visual.", Stages.Embeddings);
        var head = Scope.At(Stages.Head);
        var scale = Initial.Normal(1 / Math.Sqrt(config.Width));
        start = Scope.Parameter("class_embedding", [config.Width], scale, noWeightDecay: true);
        positions = Scope.Parameter("positional_embedding", [patchCount + 1, config.Width], scale, noWeightDecay: true);
        projection = head.Parameter("proj", [config.Width, model.EmbedDim], scale);
        int p = config.PatchSize;
        patches = new PatchEmbedding(Scope.Parameter("conv1.weight", [config.Width, 3, p, p], Initial.FanIn(3 * p * p)));
        normBefore = config.NoLnPre ? null : Scope.Norm("ln_pre", config.Width, LayerNorm.Usual);
        var form = new BlockForm(config.Width, (int)(config.Width * config.MlpRatio), shape.Heads, Activation.Of(model.QuickGelu))
        {
            Gain = config.LsInitValue,
            Initials = BlockInitials.OfClip(config.Width, Stages.Blocks),
        };
        transformer = new Transformer(Scope, "transformer.resblocks.", Stages, form);
        normAfter = head.Norm("ln_post", config.Width, LayerNorm.Usual);
    }

    public TowerScope Scope { get; }

    public TowerStages Stages { get; }

    public ParameterShape? ResizablePositions => positions;

    public IEnumerable<LayerMemory> Memory
    {
        get
        {
            long pixels = 3L * config.ImageSize * config.ImageSize, tokens = patchCount + 1, width = config.Width;
            // The patches, for the gradient of their projection, and the input of the norm before the blocks; pixels and the joined
            // tokens pass.
            long normed = normBefore is null ? 0 : tokens * width;
            var embeddings = new LayerMemory(pixels + normed, pixels + 2 * tokens * width, normed);
            return [embeddings, .. transformer.Memory(tokens, readsOneToken: !config.PoolsMean)];
        }
    }

    public long Products(long tokens) =>
        patches.Products(patchCount) + transformer.Products(patchCount + 1, readsOneToken: !config.PoolsMean) + projection.Count;

    public Tensor Forward(TowerPass pass, Tensor images)
    {
        using var scope = NewDisposeScope();
        long b = images.shape[0], w = config.Width;
        var patched = patches.Run(pass, pass.Cast(images)); // [b, patches, w]
        var x = cat([pass.Cast(start).view(1, 1, w).expand(b, 1, w), patched], 1) + pass.Cast(positions); // [b, 1 + patches, w]
        if (normBefore is not null)
            x = normBefore.Run(pass, x);
        return Pool(pass, x).matmul(pass.Cast(projection)).MoveToOuterDisposeScope(); // [b, D]
    }

    /// <summary>The blocks, the last norm, and one vector of each image, [b, w].</summary>
    private Tensor Pool(TowerPass pass, Tensor x)
    {
        if (!config.PoolsMean)
            return normAfter.Run(pass, transformer.Forward(pass, x, zeros([x.shape[0]], ScalarType.Int64, x.device)));
        var tokens = transformer.Forward(pass, x);
        return config.FinalLnAfterPool ? normAfter.Run(pass, MeanOfPatches(tokens)) : MeanOfPatches(normAfter.Run(pass, tokens));
    }

    private static Tensor MeanOfPatches(Tensor tokens) => tokens.narrow(1, 1, tokens.shape[1] - 1).mean([1L]);
}
