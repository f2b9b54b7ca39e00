namespace ClipDistributed.Training.Steps;

/// <summary>The result of computing a step, before it is applied; the same on all replicas.</summary>
/// <param name="GradNorm">Before clipping.</param>
/// <param name="Embedded">By rank: its embeddings were finite before they were gathered.</param>
/// <param name="Differentiated">By rank: its gradients were finite before they were added up.</param>
internal sealed record StepOutcome(StepAgreement Agreed, double GradNorm, IReadOnlyList<bool> Embedded, IReadOnlyList<bool> Differentiated)
{
    /// <summary>exp(logit_scale) that the loss used.</summary>
    public required double LogitScale { get; init; }

    public bool IsFinite => double.IsFinite(Agreed.Loss) && double.IsFinite(GradNorm);

    /// <summary>
    /// The ranks where it began, in order; none where only a sum over all went out of range. After non-finite embeddings the
    /// gradients of all ranks are non-finite.
    /// </summary>
    public IReadOnlyList<int> Origins => Embedded.Contains(false) ? Not(Embedded) : Not(Differentiated);

    /// <summary>Human-readable.</summary>
    public string Description => Origins.Count == 0
        ? $"the loss is {Agreed.Loss} and the gradient norm {GradNorm}"
        : $"the {(Embedded.Contains(false) ? "embeddings" : "gradients")} of rank {string.Join(" and ", Origins)} are non-finite";

    private static int[] Not(IReadOnlyList<bool> finite) => [.. Enumerable.Range(0, finite.Count).Where(rank => !finite[rank])];
}
