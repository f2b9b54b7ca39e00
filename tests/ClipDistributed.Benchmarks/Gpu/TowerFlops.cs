using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.Vision;

namespace ClipDistributed.Benchmarks.Gpu;

/// <summary>
/// Floating-point operations of the towers' matrix products for one pair; a multiplication with its addition counts as two. A block of
/// width w and inner width r·w over t tokens takes 2·t·(4 + 2r)·w² for its matrices and 4·t²·w for attention, masked or not. Every block
/// counts for all tokens, although the last one computes one of them only, and nothing counts twice because it is computed again: so
/// different implementations are measured by one rule (model FLOPs utilisation, arXiv 2204.02311, appendix B). Backward takes twice what
/// forward does.
/// </summary>
internal static class TowerFlops
{
    /// <returns>Of a training step; null: the image tower is not a plain transformer.</returns>
    public static double? OfStep(ModelConfig model) => OfForward(model) is { } forward ? 3 * forward : null;

    public static double? OfForward(ModelConfig model)
    {
        if (model.VisionCfg.Form is not TransformerForm form)
            return null;
        var (vision, text) = (model.VisionCfg, model.TextCfg);
        double patch = 3.0 * vision.PatchSize * vision.PatchSize;
        double images = 2 * form.Patches * patch * vision.Width
            + form.Blocks * OfBlock(form.Patches + 1, vision.Width, vision.MlpRatio)
            + 2.0 * vision.Width * model.EmbedDim;
        double texts = text.Layers * OfBlock(text.ContextLength, text.Width, text.MlpRatio) + 2.0 * text.Width * model.EmbedDim;
        return images + texts;
    }

    private static double OfBlock(double tokens, double width, double ratio) =>
        2 * tokens * (4 + 2 * ratio) * width * width + 4 * tokens * tokens * width;
}
