using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Access;
using ClipDistributed.Coordinator.Control.Lists;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Runs;
using Grpc.Core;
using Host = ClipDistributed.Contracts.Control.V1.Host;

namespace ClipDistributed.Coordinator.Control;

/// <summary>The gRPC service for users and programs.</summary>
internal sealed class ControlApi(
    SubmitCalls submission, RunTable table, HostRegistry hosts, HostMessages hostMessages, SilentHosts silent, PacedStream streams)
    : ControlService.ControlServiceBase
{
    private static readonly ListOrder<RunJournal> RunOrder = new("submitted", run => $"{run.Row.Place:D19}", NewestFirst: true);
    private static readonly ListOrder<ListedJob> JobOrder = new("submitted", job => $"{job.Place:D19}", NewestFirst: true);
    private static readonly ListOrder<Host> HostOrder = new("name", host => host.Name, NewestFirst: false);

    public override Task<SubmitJobResponse> SubmitJob(SubmitJobRequest request, ServerCallContext context) =>
        submission.SubmitAsync(request, Admission.CallerOf(context), context.CancellationToken);

    public override Task<ListJobsResponse> ListJobs(ListJobsRequest request, ServerCallContext context)
    {
        var runs = table.Runs.Reverse().ToLookup(run => run.Row.JobId);
        var jobs = table.Jobs.Where(ListFilters.Of(request)).Select(job => new ListedJob(job, [.. runs[job.JobId]]));
        string filter = $"{request.NamePrefix} {request.SubmittedSince} {request.SubmittedBefore}";
        var page = Page.Of(jobs, JobOrder, new PageRequest(request.PageSize, request.PageToken, request.OrderBy, filter));
        return Task.FromResult(new ListJobsResponse { Jobs = { page.Items.Select(job => job.ToMessage()) }, NextPageToken = page.Next });
    }

    public override Task<GetJobResponse> GetJob(GetJobRequest request, ServerCallContext context)
    {
        var job = table.Jobs.FirstOrDefault(job => job.JobId == request.JobId)
            ?? throw RequestRefusedException.NotFound(table.TryFind(request.JobId) is { } run
                ? $"there is no job {request.JobId}, which is a run of job {run.Row.JobId}"
                : $"there is no job {request.JobId}; clipd job list shows all");
        var runs = table.Runs.Where(run => run.Row.JobId == job.JobId).Reverse();
        return Task.FromResult(new GetJobResponse { Job = new ListedJob(job, [.. runs]).ToMessage() });
    }

    public override Task<ListRunsResponse> ListRuns(ListRunsRequest request, ServerCallContext context)
    {
        var runs = table.Runs.Where(ListFilters.Of(request));
        string filter = $"{request.JobId} {string.Join(' ', request.States)} {request.SubmittedSince} {request.SubmittedBefore}";
        var page = Page.Of(runs, RunOrder, new PageRequest(request.PageSize, request.PageToken, request.OrderBy, filter));
        var shown = page.Items.Select(run => silent.Shown(run.Run));
        return Task.FromResult(new ListRunsResponse { Runs = { shown }, NextPageToken = page.Next });
    }

    public override Task<GetRunResponse> GetRun(GetRunRequest request, ServerCallContext context)
    {
        var run = table.Find(request.RunId);
        return Task.FromResult(
            new GetRunResponse { Run = silent.Shown(run.Run), Incidents = { run.Incidents }, LastSequence = run.LastSequence });
    }

    public override Task WatchRun(
        WatchRunRequest request,
        IServerStreamWriter<WatchRunResponse> responseStream,
        ServerCallContext context
    )
    {
        if (request.AfterSequence < 0)
            throw new BadInputException(
                [new InputError("after_sequence", $"after_sequence is {request.AfterSequence}; use 0 (all records) or more.")]);
        var run = table.Find(request.RunId);
        long after = request.OnlyNew ? run.LastSequence : request.AfterSequence;
        return streams.SendAsync(
            run.Row.RunId,
            cancel => run.WatchAsync(after, cancel)
                .Where(news => news.Record?.Step is null || !request.WithoutSteps)
                .Select(news => new WatchRunResponse { Run = news.Run, Record = news.Record }),
            responseStream.WriteAsync,
            context.CancellationToken);
    }

    public override async Task<StopRunResponse> StopRun(StopRunRequest request, ServerCallContext context)
    {
        await table.StopAsync(request.RunId, $"{Admission.CallerOf(context)}");
        return new StopRunResponse();
    }

    public override async Task<SaveCheckpointResponse> SaveCheckpoint(SaveCheckpointRequest request, ServerCallContext context)
    {
        await table.SaveCheckpointAsync(request.RunId, $"{Admission.CallerOf(context)}");
        return new SaveCheckpointResponse();
    }

    public override async Task<PauseRunResponse> PauseRun(PauseRunRequest request, ServerCallContext context)
    {
        await table.PauseAsync(request.RunId, $"{Admission.CallerOf(context)}");
        return new PauseRunResponse();
    }

    public override async Task<ResumeRunResponse> ResumeRun(ResumeRunRequest request, ServerCallContext context)
    {
        await table.ResumeAsync(request.RunId, $"{Admission.CallerOf(context)}");
        return new ResumeRunResponse();
    }

    public override async Task<ScaleRunResponse> ScaleRun(ScaleRunRequest request, ServerCallContext context)
    {
        uint? min = request.HasMinReplicas ? request.MinReplicas : null, max = request.HasMaxReplicas ? request.MaxReplicas : null;
        await table.ScaleAsync(request.RunId, min, max, $"{Admission.CallerOf(context)}");
        return new ScaleRunResponse();
    }

    public override async Task<CancelRunResponse> CancelRun(CancelRunRequest request, ServerCallContext context)
    {
        await table.CancelAsync(request.RunId, $"{Admission.CallerOf(context)}");
        return new CancelRunResponse();
    }

    public override async Task<DeleteRunResponse> DeleteRun(DeleteRunRequest request, ServerCallContext context) =>
        new() { RunDirectory = await table.DeleteAsync(request.RunId, context.CancellationToken) };

    public override Task<ListHostsResponse> ListHosts(ListHostsRequest request, ServerCallContext context)
    {
        string filter = string.Join(' ', request.States);
        var shown = hostMessages.All().Where(ListFilters.Of(request));
        var page = Page.Of(shown, HostOrder, new PageRequest(request.PageSize, request.PageToken, request.OrderBy, filter));
        return Task.FromResult(new ListHostsResponse { Hosts = { page.Items }, NextPageToken = page.Next });
    }

    public override Task<GetHostResponse> GetHost(GetHostRequest request, ServerCallContext context) =>
        Task.FromResult(new GetHostResponse { Host = hostMessages.Find(request.Name) });

    public override async Task<DrainHostResponse> DrainHost(DrainHostRequest request, ServerCallContext context)
    {
        await hosts.DrainAsync(request.Name, request.Undo, $"{Admission.CallerOf(context)}", context.CancellationToken);
        return new DrainHostResponse();
    }
}
