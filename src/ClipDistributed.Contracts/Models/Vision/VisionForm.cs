using ClipDistributed.Contracts.Models.Keys;

namespace ClipDistributed.Contracts.Models.Vision;

/// <summary>Which image tower the keys of a <see cref="VisionConfig"/> describe, and what follows from that.</summary>
public abstract class VisionForm
{
    /// <summary>The one place that distinguishes them.</summary>
    public static VisionForm Of(VisionConfig config) =>
        config.TimmModelName is { } name ? new TimmTransformerForm(config, name)
            : config.Layers.IsList ? new ResNetForm(config)
            : new TransformerForm(config);

    /// <summary>Blocks in all.</summary>
    public abstract int Blocks { get; }

    /// <summary>Whether the tower normalises over the batch, so that the micro-batch is part of the trajectory.</summary>
    public virtual bool HasBatchNorm => false;

    /// <summary>Adam's second beta and epsilon for this sort of tower (arXiv 2103.00020, table 18).</summary>
    public virtual (double Beta2, double Epsilon) Moments => (0.98, 1e-6);

    /// <summary>One line for human readers.</summary>
    public abstract string Summary { get; }

    /// <summary>The keys that decide the tower's size alone.</summary>
    internal abstract VisionConfig Sizes { get; }

    /// <summary>What Hugging Face's CLIPModel cannot express; null: nothing.</summary>
    internal virtual string? NotInHuggingFace => null;

    /// <summary>Checks the keys of "vision_cfg".</summary>
    /// <param name="at">Path of the object.</param>
    /// <param name="embedDim">D.</param>
    internal abstract void Check(ConfigErrors errors, string at, int embedDim);

    /// <summary>Whether there are patches, and not too many of them.</summary>
    private protected static void CheckPatches(ConfigErrors errors, string path, int imageSize, int patchSize)
    {
        long side = imageSize / patchSize;
        if (side == 0)
            errors.Add($"{path} is {patchSize}, larger than image_size {imageSize}; choose a smaller one.");
        else if (side * side > ConfigErrors.Max)
            errors.Add(
                $"{path} is {patchSize}, which makes {side * side} patches of image_size {imageSize}; "
                    + $"at most {ConfigErrors.Max} are possible."
            );
    }
}
