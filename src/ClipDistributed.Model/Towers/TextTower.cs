using ClipDistributed.Contracts.Models;
using ClipDistributed.Model.Layers;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Towers;

/// <summary>
/// The text transformer of CLIP: causal, and a text's feature is read at its end-of-text token (arXiv 2103.00020, section 2.4). That of
/// SigLIP sees all tokens and is read at the last one (arXiv 2303.15343).
/// </summary>
internal sealed class TextTower : ITower<TextInput>
{
    private readonly TextConfig config;
    private readonly ParameterShape positions, embeddings;
    private readonly ParameterShape? matrix; // of the projection, [w, D]; it is either this, the next, or nothing
    private readonly Linear? projection;
    private readonly Transformer transformer;
    private readonly LayerNorm norm;

    public TextTower(ModelConfig model, int firstStage)
    {
        config = model.TextCfg;
        Stages = new TowerStages(firstStage, config.Layers);
        Scope = TowerScope.Of("", Stages.Embeddings);
        var head = Scope.At(Stages.Head);
        int width = config.Width;
        positions = Scope.Parameter("positional_embedding", [config.ContextLength, width], Initial.Normal(0.01), noWeightDecay: true);
        embeddings = Scope.Parameter("token_embedding.weight", [config.VocabSize, width], Initial.Normal(0.02));
        double epsilon = config.NormKwargs?.Eps ?? LayerNorm.Usual;
        var activation = config.ActKwargs is null ? Activation.Of(model.QuickGelu) : Activation.TanhGelu;
        var form = new BlockForm(width, (int)(width * config.MlpRatio), config.Heads, activation)
        {
            Causal = !config.NoCausalMask,
            Gain = config.LsInitValue,
            NormEpsilon = epsilon,
            Initials = BlockInitials.OfClip(width, Stages.Blocks),
        };
        transformer = new Transformer(Scope, "transformer.resblocks.", Stages, form);
        norm = head.Norm("ln_final", width, epsilon);
        var scale = Initial.Normal(1 / Math.Sqrt(width));
        if (config.ProjBias && config.ProjType is null)
            projection = head.Linear("text_projection.", width, model.EmbedDim, scale, Initial.Zero);
        else if (config.ProjType is null)
            matrix = head.Parameter("text_projection", [width, model.EmbedDim], scale);
    }

    public TowerScope Scope { get; }

    public TowerStages Stages { get; }

    public ParameterShape? ResizablePositions => positions;

    /// <summary>Of a text of full length; shorter ones are cut and take less.</summary>
    public IEnumerable<LayerMemory> Memory
    {
        get
        {
            long tokens = config.ContextLength;
            // Ids, embeddings, and their sum with the positions, which the first block keeps.
            return [new LayerMemory(0, 2 * tokens * config.Width), .. transformer.Memory(tokens, readsOneToken: true)];
        }
    }

    public long Products(long tokens) =>
        transformer.Products(tokens, readsOneToken: true) + (projection?.Weight.Count ?? matrix?.Count ?? 0);

    public Tensor Forward(TowerPass pass, TextInput texts)
    {
        using var scope = NewDisposeScope();
        var x = Embed(pass, texts.Tokens) + pass.Cast(positions).narrow(0, 0, texts.Tokens.shape[1]); // [b, t, w]
        var end = norm.Run(pass, transformer.Forward(pass, x, texts.Position)); // [b, w]
        return Project(pass, end).MoveToOuterDisposeScope(); // [b, D]
    }

    private Tensor Project(TowerPass pass, Tensor x) =>
        projection is not null ? projection.Run(pass, x) : matrix is not null ? x.matmul(pass.Cast(matrix)) : x;

    /// <summary>Rows of the embedding table, [b, t, w].</summary>
    private Tensor Embed(TowerPass pass, Tensor tokens) =>
        pass.Cast(pass.Stored(embeddings).index_select(0, tokens.flatten()).view(tokens.shape[0], tokens.shape[1], -1));
}
