namespace ClipDistributed.Contracts.Models;

/// <summary>One named architecture and its recipe.</summary>
/// <param name="GlobalBatch">Pairs per step.</param>
/// <param name="Samples">Pairs seen in all.</param>
/// <param name="WarmupSteps">Steps of linear warm-up.</param>
public sealed record ModelPreset(string Name, ModelConfig Model, uint GlobalBatch, ulong Samples,
    double LearningRate, double Beta2, double Epsilon, uint WarmupSteps)
{
    /// <summary>32 epochs over 400 M pairs (arXiv 2103.00020, section 2.5).</summary>
    internal static ModelPreset OfPaper(string name, ModelConfig model, double learningRate)
    {
        var (beta2, epsilon) = MomentsOf(model);
        return new ModelPreset(name, model, GlobalBatch: 32768, Samples: 12_800_000_000, learningRate, beta2, epsilon, WarmupSteps: 2000);
    }

    /// <summary>Adam's second beta and epsilon for this sort of image tower (table 18).</summary>
    internal static (double Beta2, double Epsilon) MomentsOf(ModelConfig model) => model.VisionCfg.Form.Moments;

    /// <summary>
    /// Whether a model is of this preset's size, so that its hyper-parameters suit it. The activation, pooling, gains, the
    /// vocabulary, the length of texts and where the logit scale begins do not count: OpenCLIP's ViT-B-32.json differs from the paper's
    /// model in the first.
    /// </summary>
    internal bool IsSizeOf(ModelConfig model) => Size(Model) == Size(model);

    private static ModelConfig Size(ModelConfig model)
    {
        var usual = new TextConfig();
        return model with
        {
            QuickGelu = false, InitLogitScale = null, InitLogitBias = null,
            VisionCfg = model.VisionCfg.Form.Sizes,
            TextCfg = usual with
            {
                Width = model.TextCfg.Width, Heads = model.TextCfg.Heads, Layers = model.TextCfg.Layers, MlpRatio = model.TextCfg.MlpRatio,
            },
        };
    }
}
