using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Coordinator.Hosts;

/// <summary>How many devices a run needs.</summary>
/// <param name="Min">It does not start with fewer.</param>
/// <param name="Max">It does not use more.</param>
/// <param name="Priority">Of runs that wait, the highest comes first.</param>
/// <param name="Owner">Who has submitted it; empty: it is not known.</param>
/// <param name="IsPreemptible">A run of higher priority may take its devices.</param>
internal sealed record RunNeed(
    string RunId, int Min, int Max, int Priority = (int)SpecDefaults.Priority, string Owner = "", bool IsPreemptible = false)
{
    /// <param name="spec">With all its values.</param>
    public static RunNeed Of(TrainingSpec spec, string runId, string owner) =>
        new(
            runId,
            (int)spec.Replicas.Min,
            (int)Math.Min(spec.Replicas.Max, spec.Batch.Global),
            (int)(spec.Replicas.HasPriority ? spec.Replicas.Priority : SpecDefaults.Priority), // older jobs have none
            owner,
            spec.Replicas.Preemptible);
}
