using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.Store.Rows;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Host = ClipDistributed.Contracts.Control.V1.Host;

namespace ClipDistributed.Coordinator.Control;

/// <summary>The gRPC service for users and programs.</summary>
internal sealed class ControlApi(JobSubmission submission, RunTable table, HostRegistry hosts, DevicePool pool, RunWatchers watchers)
    : ControlService.ControlServiceBase
{
    public override async Task<SubmitJobResponse> SubmitJob(SubmitJobRequest request, ServerCallContext context)
    {
        var (jobId, runId, notices) = await submission.SubmitAsync(
            request.Spec ?? new TrainingSpec(),
            request.Resume,
            context.CancellationToken
        );
        var response = new SubmitJobResponse { JobId = jobId, RunId = runId };
        response.Notices.AddRange(notices);
        return response;
    }

    public override Task<ListJobsResponse> ListJobs(ListJobsRequest request, ServerCallContext context)
    {
        var runs = table.Runs.Reverse().ToLookup(run => run.Row.JobId, run => run.Row.RunId);
        var response = new ListJobsResponse();
        foreach (var row in table.Jobs.Reverse())
        {
            var job = new Job { JobId = row.JobId, Name = row.Name, Submitted = row.Submitted.ToTimestamp(), Spec = SpecOf(row) };
            job.RunIds.AddRange(runs[row.JobId]);
            response.Jobs.Add(job);
        }
        return Task.FromResult(response);
    }

    public override Task<ListRunsResponse> ListRuns(ListRunsRequest request, ServerCallContext context)
    {
        var response = new ListRunsResponse();
        response.Runs.AddRange(
            table
                .Runs.Reverse()
                .Select(run => run.Run)
                .Where(run =>
                    (request.JobId == "" || run.JobId == request.JobId) && (request.States.Count == 0 || request.States.Contains(run.State))
                )
        );
        return Task.FromResult(response);
    }

    public override Task<GetRunResponse> GetRun(GetRunRequest request, ServerCallContext context)
    {
        var run = table.Find(request.RunId);
        return Task.FromResult(new GetRunResponse { Run = run.Run, Incidents = { run.Incidents } });
    }

    public override Task WatchRun(
        WatchRunRequest request,
        IServerStreamWriter<WatchRunResponse> responseStream,
        ServerCallContext context
    ) => watchers.RunAsync(table.Find(request.RunId), request.AfterSequence, responseStream, context.CancellationToken);

    public override async Task<StopRunResponse> StopRun(StopRunRequest request, ServerCallContext context)
    {
        await table.StopAsync(request.RunId, Caller.Of(context));
        return new StopRunResponse();
    }

    public override async Task<SaveCheckpointResponse> SaveCheckpoint(SaveCheckpointRequest request, ServerCallContext context)
    {
        await table.SaveCheckpointAsync(request.RunId, Caller.Of(context));
        return new SaveCheckpointResponse();
    }

    public override async Task<CancelRunResponse> CancelRun(CancelRunRequest request, ServerCallContext context)
    {
        await table.CancelAsync(request.RunId, Caller.Of(context));
        return new CancelRunResponse();
    }

    public override async Task<DeleteRunResponse> DeleteRun(DeleteRunRequest request, ServerCallContext context) =>
        new() { RunDirectory = await table.DeleteAsync(request.RunId, context.CancellationToken) };

    public override Task<ListHostsResponse> ListHosts(ListHostsRequest request, ServerCallContext context)
    {
        var response = new ListHostsResponse();
        var shown = hosts.Connected.Select(host => Show(host, lost: null)).Concat(hosts.Lost.Select(gone => Show(gone.Host, gone)));
        response.Hosts.AddRange(shown.OrderBy(host => host.Name, StringComparer.Ordinal));
        return Task.FromResult(response);
    }

    public override async Task<DrainHostResponse> DrainHost(DrainHostRequest request, ServerCallContext context)
    {
        await hosts.DrainAsync(request.Name, request.Undo, Caller.Of(context), context.CancellationToken);
        return new DrainHostResponse();
    }

    /// <returns>Null: what the store holds of it is damaged.</returns>
    private static TrainingSpec? SpecOf(JobRow job)
    {
        try
        {
            return TrainingSpec.Parser.ParseFrom(job.Spec);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private Host Show(ConnectedHost connected, LostHost? lost)
    {
        string name = connected.Offer.Host;
        var host = new Host
        {
            Name = name,
            Version = connected.Offer.Version,
            Connected = connected.Connected.ToTimestamp(),
            MemoryBytes = connected.Offer.MemoryBytes,
            Drained = lost?.WasDrained ?? pool.IsDrained(name),
            Lost = lost?.At.ToTimestamp(),
        };
        if (pool.QuarantineOf(name) is { } quarantine)
            (host.Quarantine, host.QuarantinedUntil) = (quarantine.Evidence, quarantine.Until.ToTimestamp());
        foreach (var device in connected.Offer.Devices)
        {
            var id = new DeviceId(name, device.Kind, device.Index);
            var state = connected.DeviceStates.FirstOrDefault(state => (state.Kind, state.Index) == (device.Kind, device.Index));
            host.Devices.Add(ShownDevice.Of(id, device, state, pool.UserOf(id)));
        }
        return host;
    }
}
