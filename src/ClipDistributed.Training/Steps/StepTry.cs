namespace ClipDistributed.Training.Steps;

/// <summary>What all replicas know of one try of a step.</summary>
/// <param name="GradNorm">Before clipping.</param>
/// <param name="Embedded">By rank: its embeddings were finite before they were gathered.</param>
/// <param name="Differentiated">By rank: its gradients were finite before they were added up.</param>
internal sealed record StepTry(StepAgreement Agreed, double GradNorm, IReadOnlyList<bool> Embedded, IReadOnlyList<bool> Differentiated)
{
    public bool IsFinite => double.IsFinite(Agreed.Loss) && double.IsFinite(GradNorm);

    /// <summary>
    /// The ranks where it began, in order; none where only a sum over all went out of range. Behind embeddings that are not
    /// finite nobody's gradients are.
    /// </summary>
    public IReadOnlyList<int> Origins => Embedded.Contains(false) ? Not(Embedded) : Not(Differentiated);

    /// <summary>For people.</summary>
    public string Described => Origins.Count == 0
        ? $"the loss is {Agreed.Loss} and the gradient norm {GradNorm}"
        : $"the {(Embedded.Contains(false) ? "embeddings" : "gradients")} of rank {string.Join(" and ", Origins)} are not finite";

    private static int[] Not(IReadOnlyList<bool> finite) => [.. Enumerable.Range(0, finite.Count).Where(rank => !finite[rank])];
}
