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
