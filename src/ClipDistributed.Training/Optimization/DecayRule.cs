using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Model.Weights;

namespace ClipDistributed.Training.Optimization;

/// <summary>Which parameters decay. Gains, biases and the logit scale never do (arXiv 2103.00020, section 2.5).</summary>
internal static class DecayRule
{
    // What a tower lists as no_weight_decay (OpenCLIP transformer.py and model.py); the positions of a ResNet's attention pool are not
    // there.
    public static bool AppliesTo(ParameterShape parameter, Decay decay) =>
        parameter.Shape.Length >= 2 && !(decay == Decay.OpenClipV4 && parameter.NoWeightDecay);
}
