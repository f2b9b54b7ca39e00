using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Model.Weights;

namespace ClipDistributed.Training.Optimization;

/// <summary>Which parameters decay. Gains, biases and the logit scale never do (arXiv 2103.00020, section 2.5).</summary>
internal static class DecayRule
{
    /// <summary>
    /// The names that OpenCLIP's two transformers exempt besides (transformer.py and model.py, no_weight_decay). The class embedding
    /// has one dimension anyway, and the positions of a ResNet's attention pool are not among them.
    /// </summary>
    private static readonly string[] EmbeddingsOfOpenClip = ["positional_embedding", "visual.positional_embedding",
        "visual.class_embedding"];

    public static bool AppliesTo(ParameterShape parameter, Decay decay) =>
        parameter.Shape.Length >= 2 && !(decay == Decay.OpenClipV4 && EmbeddingsOfOpenClip.Contains(parameter.Name));
}
