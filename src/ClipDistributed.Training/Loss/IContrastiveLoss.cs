using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Loss;

/// <summary>
/// A loss over the global batch whose gradients are written out: each replica computes those of its own rows and no other,
/// so nothing but sums over replicas is left to do, and the result does not depend on who computed which part.
/// </summary>
public interface IContrastiveLoss
{
    /// <param name="embeddings">Of all N pairs.</param>
    /// <param name="scale">s = exp(logit_scale), at most 100.</param>
    /// <param name="bias">β, which the sigmoid loss adds to the logits.</param>
    LossResult Run(GlobalEmbeddings embeddings, double scale, double bias);
}

/// <summary>One replica's part of the loss of a global batch, and the gradients of its own rows.</summary>
/// <param name="Value">Natural logarithm, mean over N and both directions; the replicas' parts add up to the loss.</param>
/// <param name="Images">dLoss/dI of the own rows, [b, D].</param>
/// <param name="Texts">dLoss/dT of the own rows, [b, D].</param>
/// <param name="LogitScale">The part of dLoss/d logit_scale, with respect to the logarithm.</param>
/// <param name="LogitBias">The part of dLoss/dβ.</param>
public sealed record LossResult(double Value, Tensor Images, Tensor Texts, double LogitScale, double LogitBias);
