using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.Store.Rows;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.Control;

/// <summary>A job as clients see it.</summary>
/// <param name="Runs">Newest first.</param>
internal sealed record ListedJob(JobRow Row, IReadOnlyList<RunJournal> Runs)
{
    /// <summary>Of its newest run, in the order of submission.</summary>
    public long Place => Runs.Count == 0 ? 0 : Runs[0].Row.Place;

    public Job ToMessage() => new()
    {
        JobId = Row.JobId,
        Name = Row.Name,
        Submitted = Row.Submitted.ToTimestamp(),
        RunIds = { Runs.Select(run => run.Row.RunId) },
        Spec = JobSpecs.TryRead(Row),
    };
}
