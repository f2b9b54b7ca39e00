using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Runs;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Host = ClipDistributed.Contracts.Control.V1.Host;

namespace ClipDistributed.Coordinator.Control;

/// <summary>The service that people and programs call.</summary>
internal sealed class ControlApi(JobSubmission submission, RunTable table, HostRegistry hosts, DevicePool pool, IHostApplicationLifetime lifetime) : ControlService.ControlServiceBase
{
    public override async Task<SubmitJobResponse> SubmitJob(SubmitJobRequest request, ServerCallContext context)
    {
        var (jobId, runId, notices) = await submission.SubmitAsync(request.Spec ?? new TrainingSpec(), request.Resume);
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
            var job = new Job { JobId = row.JobId, Name = row.Name, Submitted = row.Submitted.ToTimestamp(), Spec = TrainingSpec.Parser.ParseFrom(row.Spec) };
            job.RunIds.AddRange(runs[row.JobId]);
            response.Jobs.Add(job);
        }
        return Task.FromResult(response);
    }

    public override Task<ListRunsResponse> ListRuns(ListRunsRequest request, ServerCallContext context)
    {
        var response = new ListRunsResponse();
        response.Runs.AddRange(table.Runs.Reverse().Select(run => run.Run).Where(run => request.JobId == "" || run.JobId == request.JobId));
        return Task.FromResult(response);
    }

    public override Task<GetRunResponse> GetRun(GetRunRequest request, ServerCallContext context)
    {
        var run = table.Find(request.RunId);
        return Task.FromResult(new GetRunResponse { Run = run.Run, Incidents = { run.Incidents } });
    }

    public override async Task WatchRun(WatchRunRequest request, IServerStreamWriter<WatchRunResponse> responseStream, ServerCallContext context)
    {
        var journal = table.Find(request.RunId);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        await foreach (var (run, record) in journal.WatchAsync(request.AfterSequence, over.Token))
        {
            var response = new WatchRunResponse();
            if (run is not null)
                response.Run = run;
            if (record is not null)
                response.Record = record;
            await responseStream.WriteAsync(response, over.Token);
        }
    }

    public override async Task<StopRunResponse> StopRun(StopRunRequest request, ServerCallContext context)
    {
        await table.StopAsync(request.RunId);
        return new StopRunResponse();
    }

    public override async Task<SaveCheckpointResponse> SaveCheckpoint(SaveCheckpointRequest request, ServerCallContext context)
    {
        await table.SaveCheckpointAsync(request.RunId);
        return new SaveCheckpointResponse();
    }

    public override async Task<CancelRunResponse> CancelRun(CancelRunRequest request, ServerCallContext context)
    {
        await table.CancelAsync(request.RunId);
        return new CancelRunResponse();
    }

    public override Task<ListHostsResponse> ListHosts(ListHostsRequest request, ServerCallContext context)
    {
        var devices = pool.Snapshot().ToLookup(device => device.Id.Host);
        var response = new ListHostsResponse();
        foreach (var connected in hosts.Connected)
        {
            var host = new Host
            {
                Name = connected.Offer.Host,
                Version = connected.Offer.Version,
                Connected = connected.Connected.ToTimestamp(),
                MemoryBytes = connected.Offer.MemoryBytes,
                Drained = pool.IsDrained(connected.Offer.Host),
            };
            if (pool.QuarantineOf(host.Name) is { } quarantine)
                (host.Quarantine, host.QuarantinedUntil) = (quarantine.Evidence, quarantine.Until.ToTimestamp());
            host.Devices.AddRange(devices[host.Name].Select(device => new HostDevice
            {
                Device = device.Id.Name,
                Name = device.Label,
                ReplicaId = device.ReplicaId ?? "",
                RunId = device.RunId ?? "",
            }));
            response.Hosts.Add(host);
        }
        return Task.FromResult(response);
    }

    public override async Task<DrainHostResponse> DrainHost(DrainHostRequest request, ServerCallContext context)
    {
        await hosts.DrainAsync(request.Name, request.Undo, context.CancellationToken);
        return new DrainHostResponse();
    }
}
