using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models.Keys;

namespace ClipDistributed.Contracts.Models.Vision;

/// <summary>CLIP's vision transformer with pre-LN blocks (arXiv 2010.11929).</summary>
public sealed class TransformerForm(VisionConfig config) : VisionForm
{
    public override int Blocks => config.Layers.Total;

    /// <summary>Of each block.</summary>
    public int Heads => config.Width / config.HeadWidth;

    /// <summary>Patches of one image.</summary>
    public int Patches => config.ImageSize / config.PatchSize * (config.ImageSize / config.PatchSize);

    public override string Summary =>
        $"transformer, {config.Layers} blocks, width {config.Width}, {Counted.Plain(Heads, "head")}, patches of {config.PatchSize} px";

    internal override VisionConfig Sizes =>
        config with { LsInitValue = null, NoLnPre = false, PoolType = null, FinalLnAfterPool = false };

    internal override void Check(ConfigErrors errors, string at, int embedDim)
    {
        bool image = errors.Between(1, $"{at}image_size", config.ImageSize);
        bool width = errors.Between(1, $"{at}width", config.Width);
        bool head = errors.Between(1, $"{at}head_width", config.HeadWidth);
        bool patch = errors.Between(1, $"{at}patch_size", config.PatchSize);
        if (image && patch && config.ImageSize % config.PatchSize != 0)
            errors.Add($"{at}patch_size is {config.PatchSize}, which does not divide image_size {config.ImageSize}; choose a divisor.");
        else if (image && patch)
            CheckPatches(errors, $"{at}patch_size", config.ImageSize, config.PatchSize);
        if (head && width && config.Width % config.HeadWidth != 0)
            errors.Add($"{at}head_width is {config.HeadWidth}, which does not divide width {config.Width}; choose a divisor.");
        errors.Between(1, $"{at}layers", Blocks);
        errors.CheckRatio(config.MlpRatio, config.Width, at);
        errors.CheckGain(config.LsInitValue, at);
        if (config.PoolType is not (null or VisionConfig.MeanPool))
            errors.Add($"{at}pool_type is '{config.PoolType}'; use {VisionConfig.TokenPool} or {VisionConfig.MeanPool}.");
    }
}
