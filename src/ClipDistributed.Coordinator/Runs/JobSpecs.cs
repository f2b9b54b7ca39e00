using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator.Store.Rows;
using Google.Protobuf;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>Specs of jobs as the store holds them, where a damaged one is no reason to fail.</summary>
internal static class JobSpecs
{
    /// <returns>Null: the job is missing, or what the store holds of it is damaged.</returns>
    public static TrainingSpec? TryRead(JobRow? job)
    {
        try
        {
            return job is null ? null : TrainingSpec.Parser.ParseFrom(job.Spec);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
