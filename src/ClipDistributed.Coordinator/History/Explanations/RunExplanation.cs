using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Coordinator.History.Explanations;

/// <summary>Explains a run by what is known of it and of the devices. Pure.</summary>
internal static class RunExplanation
{
    /// <returns>Why it does what it does, then what has happened, then what happens next.</returns>
    public static IEnumerable<Explanation> Of(RunFindings found) =>
        [.. StateExplanation.Of(found), .. PastExplanation.Of(found), NextExplanation.Of(found)];

    /// <summary>Replicas it may have are missing while it computes.</summary>
    public static bool MayGrow(RunFindings found) =>
        found.Run.State == RunState.Running && found.Need is { } need && found.Run.Replicas.Count < need.Max;
}
