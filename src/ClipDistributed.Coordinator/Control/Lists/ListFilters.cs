using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.Control.Lists;

/// <summary>Which items of a list a client asks for.</summary>
internal static class ListFilters
{
    /// <exception cref="BadInputException">Its times cannot be used.</exception>
    public static Func<JobRow, bool> Of(ListJobsRequest request)
    {
        var submitted = TimeRange.Of(request.SubmittedSince, request.SubmittedBefore, "submitted");
        return job => job.Name.StartsWith(request.NamePrefix, StringComparison.Ordinal) && submitted.Contains(job.Submitted);
    }

    /// <exception cref="BadInputException">Its times cannot be used.</exception>
    public static Func<RunJournal, bool> Of(ListRunsRequest request)
    {
        var submitted = TimeRange.Of(request.SubmittedSince, request.SubmittedBefore, "submitted");
        return run => (request.JobId == "" || run.Row.JobId == request.JobId)
            && (request.States.Count == 0 || request.States.Contains(run.Run.State))
            && submitted.Contains(run.Row.Submitted);
    }

    public static Func<Host, bool> Of(ListHostsRequest request) =>
        host => request.States.Count == 0 || request.States.Any(state => Is(host, state));

    private static bool Is(Host host, HostState state) => state switch
    {
        HostState.Lost => host.Lost is not null,
        HostState.Drained => host.Lost is null && host.Drained,
        HostState.Quarantined => host.Lost is null && host.Quarantine != "",
        HostState.Ready => host.Lost is null && !host.Drained && host.Quarantine == "",
        HostState.Unspecified => true,
        _ => false,
    };
}
