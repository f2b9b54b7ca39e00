using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>What of a run's row is to be durable before it is acted upon; how far the training is has time.</summary>
internal static class RunFacts
{
    public static bool HasFactsOf(this RunRow row, RunRow other) =>
        (row.Phase, row.Reason, row.Kind, row.Launched) == (other.Phase, other.Reason, other.Kind, other.Launched)
        && (row.Wish, row.WantsCheckpoint, row.EndPhase, row.EndReason)
            == (other.Wish, other.WantsCheckpoint, other.EndPhase, other.EndReason)
        && (row.Generation, row.Replicas, row.Incidents) == (other.Generation, other.Replicas, other.Incidents)
        && (row.Started, row.Ended) == (other.Started, other.Ended);
}
