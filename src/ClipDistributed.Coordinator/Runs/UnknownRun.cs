using ClipDistributed.Coordinator.Links;

namespace ClipDistributed.Coordinator.Runs;

/// <summary>There is no such run; the id of its job is easily taken for its own.</summary>
internal static class UnknownRun
{
    /// <param name="runs">All, in the order of submission.</param>
    public static RequestRefusedException Of(string runId, IReadOnlyList<RunJournal> runs) => RequestRefusedException.NotFound(
        runs.LastOrDefault(run => run.Row.JobId == runId) is { } newest
            ? $"there is no run {runId}, which is a job; its newest run is {newest.Row.RunId}"
            : $"there is no run {runId}; clipd run list shows all");
}
