using ClipDistributed.Contracts.Models;
using ClipDistributed.Data.Batches;
using ClipDistributed.Model;
using ClipDistributed.Model.Towers;

namespace ClipDistributed.Training.Steps;

/// <summary>
/// The floating-point operations that the model needs for the rows of a step: of its matrix products, each computed once. Those of
/// gradient caching, which computes forward passes twice, and of padded texts are not in it; the products of the loss are not either. The
/// gradient by the pixels, which is not needed, is in it, though it is not computed: one pass of the first layer, 0.6% of ViT-B-32.
/// </summary>
public sealed class StepWork(ModelConfig config, ModelDeclaration declaration)
{
    // A product's backward pass has two as large: the gradients of either factor.
    private const int PassesOfStep = 3;

    private readonly double image = declaration.ImageFlops;
    private readonly double[] texts = // by their tokens
        [.. Enumerable.Range(0, config.TextCfg.ContextLength + 1).Select(tokens => tokens == 0 ? 0 : declaration.TextFlops(tokens))];

    /// <param name="share">Rows of this replica; those of the others are taken to be alike.</param>
    /// <returns>Of all replicas; null: the share is empty.</returns>
    public double? Of(Batch share, int globalBatch)
    {
        if (share.Count == 0)
            return null;
        double sum = share.Count * image;
        for (int row = 0; row < share.Count; row++)
            sum += texts[TextInput.LengthOf(share.Tokens.AsSpan(row * share.Context, share.Context), config.TextCfg)];
        return PassesOfStep * sum * globalBatch / share.Count;
    }
}
