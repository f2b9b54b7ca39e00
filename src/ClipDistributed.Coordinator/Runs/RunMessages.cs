using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Store.Rows;
using ClipDistributed.Coordinator.Store;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>Runs and their records as watchers receive them.</summary>
internal static class RunMessages
{
    public static Run ToMessage(RunRow row, IReadOnlyList<RunReplica> replicas, long term)
    {
        var run = new Run
        {
            RunId = row.RunId,
            JobId = row.JobId,
            State = row.State,
            Reason = row.Reason,
            RunDirectory = row.RunDirectory,
            Generation = row.Generation,
            Step = row.Step,
            Steps = row.Steps,
            Term = term,
            Submitted = row.Submitted.ToTimestamp(),
            Started = row.Started?.ToTimestamp(),
            Ended = row.Ended?.ToTimestamp(),
            UsefulSeconds = row.UsefulSeconds,
            WallSeconds = row.WallSeconds,
            ReplicaCount = row.Replicas,
            MinReplicas = row.MinReplicas,
            MaxReplicas = row.MaxReplicas,
            PreemptedBy = row.PreemptedBy,
            Preemptions = row.Preemptions,
        };
        if (row.Loss is { } loss)
            run.Loss = loss;
        run.Replicas.AddRange(replicas);
        return run;
    }

    public static RunRecord ToMessage(RecordRow row)
    {
        var record = StoredRecord.Parse(row.Record);
        (record.Sequence, record.Time) = (row.Sequence, row.Time.ToTimestamp());
        return record;
    }
}
