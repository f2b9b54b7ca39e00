using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models.Keys;

namespace ClipDistributed.Contracts.Models.Vision;

/// <summary>A vision transformer that timm names, as OpenCLIP's timm_model.py builds it.</summary>
public sealed class TimmTransformerForm : VisionForm
{
    /// <summary>What is between the trunk's features and the shared space: nothing, the trunk's own head, or a matrix after it.</summary>
    public const string NoProjection = "none", OwnHead = "", LinearHead = "linear";

    private static readonly TimmKwargs None = new();

    private readonly VisionConfig config;
    private readonly TimmTransformer? model; // null: refused when the config is checked
    private readonly TimmKwargs kwargs;

    internal TimmTransformerForm(VisionConfig config, string name)
    {
        this.config = config;
        model = TimmTransformer.All.GetValueOrDefault(name);
        kwargs = config.TimmModelKwargs ?? None;
    }

    public TimmFamily Family => Model.Family;

    public int Width => kwargs.EmbedDim ?? Model.Width;

    public override int Blocks => kwargs.Depth ?? Model.Depth;

    public int Heads => kwargs.NumHeads ?? Model.Heads;

    public int PatchSize => kwargs.PatchSize ?? Model.Patch;

    /// <summary>Patches along one side; what is left over at the right and at the bottom is not looked at.</summary>
    public int GridSide => config.ImageSize / PatchSize;

    /// <summary>Channels of an MLP's inner layer.</summary>
    public int Inner => (int)(Width * MlpRatio);

    /// <summary>Whether the MLP uses the approximate GELU.</summary>
    public bool TanhGelu => Model.TanhGelu;

    public string Projection => config.TimmProj ?? LinearHead;

    public override string Summary =>
        $"{config.TimmModelName} of timm, {Blocks} blocks, width {Width}, {Counted.Plain(Heads, "head")}, patches of {PatchSize} px";

    internal override VisionConfig Sizes => config;

    internal override string? NotInHuggingFace => $"vision_cfg.timm_model_name is {config.TimmModelName}";

    private double MlpRatio => kwargs.MlpRatio ?? Model.MlpRatio;

    private TimmTransformer Model => model ?? throw new InvalidOperationException($"{config.TimmModelName} was not refused.");

    internal override void Check(ConfigErrors errors, string at, int embedDim)
    {
        if (model is null)
            return; // refused with its key
        string own = $"{at}timm_model_kwargs.";
        bool image = errors.Between(1, $"{at}image_size", config.ImageSize);
        int side = kwargs.ImgSize ?? model.Image;
        if (image && config.ImageSize != side)
            errors.Add(
                $"{at}image_size is {config.ImageSize}, but the tower takes {side}; set timm_model_kwargs.img_size to {config.ImageSize}.");
        bool width = errors.Between(1, $"{own}embed_dim", Width), heads = errors.Between(1, $"{own}num_heads", Heads);
        if (errors.Between(1, $"{own}patch_size", PatchSize) && image)
            CheckPatches(errors, $"{own}patch_size", config.ImageSize, PatchSize);
        if (width && heads && Width % Heads != 0)
            errors.Add($"{own}num_heads is {Heads}, which does not divide embed_dim {Width}; choose a divisor.");
        else if (width && heads && Family == TimmFamily.Eva02 && Width / Heads % 4 != 0)
            errors.Add($"{own}num_heads is {Heads}, which makes heads {Width / Heads} wide; rotary positions need a multiple of 4.");
        errors.Between(1, $"{own}depth", Blocks);
        errors.CheckRatio(MlpRatio, Width, own);
        CheckHead(errors, at, embedDim);
    }

    private void CheckHead(ConfigErrors errors, string at, int embedDim)
    {
        if (config.TimmPool != Model.Pool)
            errors.Add($"{at}timm_pool is '{config.TimmPool ?? "avg"}'; {config.TimmModelName} is supported with {Model.Pool} only.");
        if (Projection is not (NoProjection or OwnHead or LinearHead))
            errors.Add($"{at}timm_proj is '{Projection}'; use linear, none, or null for the tower's own head.");
        else if (Projection == NoProjection && Width != embedDim)
            errors.Add($"{at}timm_proj is 'none', so that the features are as wide as the tower, {Width}; but embed_dim is {embedDim}.");
    }
}
