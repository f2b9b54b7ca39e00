using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>The part of a run's row that must be durable before actions are performed; progress can wait.</summary>
internal static class RunFacts
{
    public static bool HasFactsOf(this RunRow row, RunRow other) =>
        (row.State, row.Reason, row.Kind, row.Launched) == (other.State, other.Reason, other.Kind, other.Launched)
        && (row.StopRequest, row.CheckpointRequested, row.EndState, row.EndReason)
            == (other.StopRequest, other.CheckpointRequested, other.EndState, other.EndReason)
        && (row.MinReplicas, row.MaxReplicas) == (other.MinReplicas, other.MaxReplicas)
        && (row.RollBackAttempt, row.RollBackStep, row.RollBackResumes)
            == (other.RollBackAttempt, other.RollBackStep, other.RollBackResumes)
        && (row.PauseRequest, row.PausedSince) == (other.PauseRequest, other.PausedSince)
        && (row.PreemptedBy, row.Preemptions, row.Returned) == (other.PreemptedBy, other.Preemptions, other.Returned)
        && (row.Generation, row.Replicas, row.Incidents) == (other.Generation, other.Replicas, other.Incidents)
        && (row.Started, row.Ended) == (other.Started, other.Ended);
}
