using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.Vision;
using ClipDistributed.Model.Layers;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Towers;

/// <summary>
/// SigLIP's image tower (arXiv 2303.15343) as timm builds it (vision_transformer.py): no class token, and a latent query that
/// attends to the tokens after the last norm.
/// </summary>
internal sealed class SiglipVision : ITower<Tensor>
{
    private static readonly BlockNames Names = new("norm1", "attn.qkv.", "attn.proj.", "norm2", "mlp.fc1.", "mlp.fc2.");

    private readonly TimmStem stem;
    private readonly Transformer transformer;
    private readonly LayerNorm norm;
    private readonly LatentPool pool;
    private readonly TimmHead head;

    public SiglipVision(ModelConfig model, TimmTransformerForm form, int firstStage)
    {
        Stages = new TowerStages(firstStage, form.Blocks);
        Scope = TowerScope.Of("visual.", Stages.Embeddings);
        var trunk = Scope.At(Stages.Embeddings, "trunk.");
        stem = new TimmStem(trunk, model.VisionCfg, form, classToken: null);
        var block = new BlockForm(form.Width, form.Inner, form.Heads, form.TanhGelu ? Activation.TanhGelu : Activation.Gelu)
        {
            NormEpsilon = TimmStem.NormEpsilon,
            Names = Names,
            Initials = new BlockInitials(TimmStem.Deviation, TimmStem.Deviation, TimmStem.Deviation),
        };
        transformer = new Transformer(trunk, "blocks.", Stages, block);
        norm = trunk.At(Stages.Head).Norm("norm", form.Width, TimmStem.NormEpsilon);
        pool = new LatentPool(trunk.At(Stages.Head, "attn_pool."), block);
        head = new TimmHead(Scope.At(Stages.Head), model, form, Initial.Normal(TimmStem.Deviation));
    }

    public TowerScope Scope { get; }

    public TowerStages Stages { get; }

    /// <summary>OpenCLIP leaves those of timm's towers as they are.</summary>
    public ParameterShape? ResizablePositions => null;

    public IEnumerable<LayerMemory> Memory =>
        [stem.Memory, .. transformer.Memory(stem.Tokens, readsOneToken: false), pool.Memory(stem.Tokens)];

    public long Products(long tokens) =>
        stem.Products + transformer.Products(stem.Tokens, readsOneToken: false) + pool.Products(stem.Tokens) + head.Products;

    public Tensor Forward(TowerPass pass, Tensor images)
    {
        using var scope = NewDisposeScope();
        var tokens = norm.Run(pass, transformer.Forward(pass, stem.Run(pass, images))); // [b, t, w]
        return head.Run(pass, pool.Forward(pass, tokens)).MoveToOuterDisposeScope(); // [b, D]
    }
}
