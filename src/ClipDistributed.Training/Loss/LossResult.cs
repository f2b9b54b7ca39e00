using static TorchSharp.torch;

namespace ClipDistributed.Training.Loss;

/// <summary>One replica's part of the loss of a global batch, and the gradients of its own rows.</summary>
/// <param name="Value">Natural logarithm, mean over N and both directions; the replicas' parts add up to the loss.</param>
/// <param name="Images">dLoss/dI of the own rows, [b, D].</param>
/// <param name="Texts">dLoss/dT of the own rows, [b, D].</param>
/// <param name="LogitScale">The part of dLoss/d logit_scale, with respect to the logarithm.</param>
/// <param name="LogitBias">The part of dLoss/dβ.</param>
public sealed record LossResult(double Value, Tensor Images, Tensor Texts, double LogitScale, double LogitBias);
