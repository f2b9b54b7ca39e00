using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Dashboard.Calls;

namespace ClipDistributed.Dashboard.Comparing;

/// <summary>One of the runs that are compared.</summary>
/// <param name="Run">Null: it cannot be read.</param>
/// <param name="Spec">Of its job.</param>
/// <param name="Problem">Why it cannot be read.</param>
public sealed record ComparedRun(string RunId, Run? Run, TrainingSpec? Spec, CallProblem? Problem)
{
    public long GlobalBatch => Spec?.Batch is { } batch ? (long)batch.Global : 0;
}
