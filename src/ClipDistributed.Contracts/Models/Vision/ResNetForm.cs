using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models.Keys;

namespace ClipDistributed.Contracts.Models.Vision;

/// <summary>CLIP's ResNet: "layers" is a list.</summary>
public sealed class ResNetForm(VisionConfig config) : VisionForm
{
    private const int Halvings = 32; // five

    public override int Blocks => config.Layers.Total;

    public override bool HasBatchNorm => true;

    public override (double Beta2, double Epsilon) Moments => (0.999, 1e-8);

    /// <summary>Channels of the last map.</summary>
    public int FeatureWidth => config.Width * 32;

    /// <summary>Of the attention pool.</summary>
    public int Heads => FeatureWidth / config.HeadWidth;

    /// <summary>Places of the last map.</summary>
    public int Places => config.ImageSize / Halvings * (config.ImageSize / Halvings);

    public override string Summary =>
        $"ResNet, {string.Join("-", config.Layers.Groups)} blocks, width {config.Width}, "
        + $"attention pool of {Counted.Plain(Heads, "head")}";

    /// <summary>A ResNet has no patches.</summary>
    internal override VisionConfig Sizes =>
        config with { LsInitValue = null, NoLnPre = false, PoolType = null, FinalLnAfterPool = false, PatchSize = 0 };

    internal override string? NotInHuggingFace => $"vision_cfg.layers is {config.Layers}, a ResNet";

    internal override void Check(ConfigErrors errors, string at, int embedDim)
    {
        bool image = errors.Between(1, $"{at}image_size", config.ImageSize);
        bool width = errors.Between(1, $"{at}width", config.Width);
        bool widths = errors.Between(1, $"{at}head_width", config.HeadWidth) && width;
        if (config.Layers.Groups.Count != 4 || config.Layers.Groups.Any(blocks => blocks is < 1 or > 1000))
            errors.Add($"{at}layers is {config.Layers}; a ResNet has four layers of 1 to 1000 blocks, as in [3, 4, 6, 3].");
        if (image && config.ImageSize % Halvings != 0)
            errors.Add($"{at}image_size is {config.ImageSize}; a ResNet halves it five times, use a multiple of 32.");
        if (image && config.ImageSize / Halvings > 1024)
            errors.Add($"{at}image_size is {config.ImageSize}; use at most 32768.");
        if (widths && (config.Width % 2 != 0 || config.Width > ConfigErrors.Max / 32))
            errors.Add($"{at}width is {config.Width}; a ResNet's is an even number, at most {ConfigErrors.Max / 32}.");
        else if (widths && FeatureWidth % config.HeadWidth != 0)
            errors.Add(
                $"{at}head_width is {config.HeadWidth}, which does not divide the features' width 32 · {config.Width}; choose a divisor.");
    }
}
